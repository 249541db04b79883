import { defineCommand } from '../command.ts';
import { displaySafe } from '../display.ts';
import { exitCode, ScopeonError } from '../errors.ts';

export default defineCommand({
  summary: 'what was done to the database: recoveries, migrations, backups, restores',
  arguments: [{ name: '[what]', description: 'list (the default) or verify' }],
  examples: [
    { line: 'scopeon audit', shows: 'every entry of the ledger, the newest last' },
    { line: 'scopeon audit verify', shows: 'whether its chain is unbroken; exit code 1 when it is not' },
  ],
  options: (command) => void command.option('--json', 'print JSON'),
  run: async (context, [what = 'list'], options) => {
    if (what !== 'list' && what !== 'verify')
      throw new ScopeonError('usage', `audit: there is no action "${displaySafe(what, 64)}".`, {
        hint: 'Choose list or verify.',
      });
    const [{ readLedger, ledgerFile }, { paths }] = await Promise.all([import('../store/ledger.ts'), context.config()]);
    const { entries, problem } = readLedger(paths) ?? { entries: [], problem: undefined };
    const isFine = problem === undefined;
    const lines = [
      ...(what === 'list' ? entries.map(lineOf) : []),
      ...(what === 'list' && entries.length === 0 && isFine ? ['Nothing was written down yet.'] : []),
      ...(what === 'verify' && isFine ? [`${entries.length} entries, each as it was written.`] : []),
      ...(isFine ? [] : [`${ledgerFile(paths)}: ${problem}.`]),
    ];
    const json = { schema_version: 1, ok: isFine, problem: problem ?? null, entries: entries.map(jsonOf) };
    context.stdout.write(
      options.json === true
        ? `${JSON.stringify(json, null, 2)}\n`
        : lines.map((line) => `${displaySafe(line, 2048)}\n`).join(''),
    );
    return isFine ? exitCode.ok : exitCode.failure;
  },
});

type Entry = import('../store/ledger.ts').LedgerEntry;

function lineOf({ at, kind, details }: Entry): string {
  const facts = Object.entries(details).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return [new Date(at).toISOString(), kind, facts.join(', ')].join('  ').trimEnd();
}

function jsonOf({ id, at, kind, details }: Entry) {
  return { id, at: new Date(at).toISOString(), kind, details };
}
