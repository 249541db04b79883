import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from './command.ts';
import { programRoot } from './members.ts';
import type { Change } from './registration/register.ts';
import { type HookPlaces, hookText, shellNamed, startFile, withHook, withoutHook } from './shell-hook.ts';

/** A change of the file a shell starts with, in lines, and what makes it. */
export interface HookPlan {
  readonly change: Change;
  readonly lines: readonly string[];
  /** Gives the path of a copy of what was there. @throws ScopeonError `failure` when it cannot be written */
  readonly carryOut: () => string | undefined;
}

/** What putting the hook into the shell's file, or taking it out, would change. @throws ScopeonError when it cannot be */
export async function planHook(context: CommandContext, name: string, isRemoval: boolean): Promise<HookPlan> {
  const [{ apply, textOf }, { lineDiff }] = await Promise.all([
    import('./registration/register.ts'),
    import('./registration/line-diff.ts'),
  ]);
  const shell = shellNamed(name, context.env);
  const path = startFile(shell, context, process.platform === 'darwin');
  const before = textOf(path);
  const change = isRemoval
    ? withoutHook({ path, before })
    : { path, before, after: withHook(before ?? '', hookText(shell, await hookPlaces(context))) };
  const { after } = change;
  const verb = before === undefined ? 'be made' : after === undefined ? 'be removed' : 'change';
  return {
    change,
    lines: [
      before === after ? `${path} stays as it is.` : `${path} would ${verb}:`,
      ...lineDiff(before ?? '', after ?? ''),
    ],
    carryOut: () => apply(change),
  };
}

/** This very program, by full paths. */
export async function hookPlaces(context: Pick<CommandContext, 'config'>): Promise<HookPlaces> {
  const script = realpathSync(fileURLToPath(new URL('../bin/scopeon.js', programRoot)));
  const { paths } = await context.config();
  return { command: [process.execPath, script], statusFile: paths.statusFile };
}
