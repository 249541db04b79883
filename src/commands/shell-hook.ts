import { Option } from 'commander';
import { defineCommand } from '../command.ts';
import { displaySafe } from '../display.ts';
import { exitCode } from '../errors.ts';
import { hookText, shellNamed, shells } from '../shell-hook.ts';
import { hookPlaces, planHook } from '../shell-start-file.ts';

export default defineCommand({
  summary: 'health, context and the cost of today in the prompt of your shell',
  examples: [
    { line: 'scopeon shell-hook', shows: 'what your shell would run before each prompt; nothing is changed' },
    { line: 'scopeon shell-hook --install', shows: 'puts it into the file your shell starts with' },
    { line: 'scopeon shell-hook --shell zsh --dry-run --install', shows: 'what that would change' },
    { line: 'scopeon shell-hook --remove', shows: 'takes it out again' },
  ],
  options: (command) =>
    void command
      .addOption(
        new Option('--shell <shell>', 'whose; auto: by the variable SHELL')
          .choices(['auto', ...shells])
          .default('auto'),
      )
      .addOption(new Option('--install', 'put it into the file that shell starts with').conflicts('remove'))
      .option('--remove', 'take it out of that file')
      .option('--dry-run', 'with one of these: print what would change, and change nothing'),
  run: async (context, _args, options) => {
    const say = (line: string): void => void context.stdout.write(`${displaySafe(line, 4096)}\n`);
    const shell = shellNamed(String(options.shell), context.env);
    if (options.install !== true && options.remove !== true) {
      context.stdout.write(hookText(shell, await hookPlaces(context)));
      return exitCode.ok;
    }
    const hook = await planHook(context, String(options.shell), options.remove === true);
    const { path, before, after } = hook.change;
    if (options.dryRun === true) for (const line of hook.lines) say(line);
    else {
      const backup = hook.carryOut();
      if (before === after) say(options.remove === true ? `${path} does not have it.` : `${path} has it already.`);
      else say(options.remove === true ? `Taken out of ${path}.` : `Written to ${path}. New shells have it.`);
      if (backup !== undefined) say(`What was there before: ${backup}`);
    }
    return exitCode.ok;
  },
});
