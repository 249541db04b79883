import { defineCommand } from '../command.ts';
import { displaySafe } from '../display.ts';
import { exitCode, ScopeonError } from '../errors.ts';

const names: readonly string[] = ['check', 'backup', 'list', 'drill', 'restore', 'vacuum'];

export default defineCommand({
  summary: 'check, copy, restore or shrink the database',
  arguments: [
    { name: '<action>', description: names.join(', ') },
    { name: '[backup]', description: 'for drill and restore: which copy, by name; default the newest' },
  ],
  examples: [
    { line: 'scopeon db check', shows: 'looks through every page and compares every sum with its rows' },
    { line: 'scopeon db backup', shows: 'makes a copy that is kept until you remove it' },
    { line: 'scopeon db list', shows: 'the copies there are' },
    { line: 'scopeon db drill', shows: 'restores the newest copy to a temporary place and checks what comes of it' },
    { line: 'scopeon db restore', shows: 'what restoring would do; nothing is changed' },
    { line: 'scopeon db restore --apply', shows: 'does it; the present database is kept aside' },
    { line: 'scopeon db vacuum', shows: 'gives unused space back' },
  ],
  options: (command) => void command.option('--apply', 'for restore: do it').option('--json', 'print JSON'),
  run: async (context, [action = '', name], options) => {
    if (!names.includes(action))
      throw new ScopeonError('usage', `db: there is no action "${displaySafe(action, 64)}".`, {
        hint: `Choose one of: ${names.join(', ')}.`,
      });
    const [{ actions }, { paths }] = await Promise.all([import('../doctor/care.ts'), context.config()]);
    const answer = await actions[action]?.({
      paths,
      home: context.home,
      name,
      apply: options.apply === true,
      now: context.now(),
      notice: (sentence) => void context.stderr.write(`scopeon: ${displaySafe(sentence, 2048)}\n`),
    });
    const { ok = false, json = {}, lines = [] } = answer ?? {};
    context.stdout.write(
      options.json === true
        ? `${JSON.stringify({ schema_version: 1, action, ok, ...json }, null, 2)}\n`
        : lines.map((line) => `${displaySafe(line, 2048)}\n`).join(''),
    );
    return ok ? exitCode.ok : exitCode.failure;
  },
});
