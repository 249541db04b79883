import { type CommandContext, defineCommand } from '../command.ts';
import { dataOf, openData } from '../data.ts';
import { displaySafe, displayWidth, padToWidth } from '../display.ts';
import { exitCode, ScopeonError } from '../errors.ts';
import type { Database } from '../store/driver.ts';

export default defineCommand({
  summary: 'give sessions tags of your own, to see what a task cost; others get one by their tools and branch',
  arguments: [
    { name: '<what>', description: 'set, clear, show or list' },
    { name: '[words...]', description: 'the session, unless --session names it, and tags; for list one tag' },
  ],
  examples: [
    {
      line: 'scopeon tag set 1f0c2a7e billing q3',
      shows: "replaces a session's tags; the beginning of its id will do",
    },
    { line: 'scopeon tag clear 1f0c2a7e', shows: 'takes all of them away, those found by themselves too' },
    { line: 'scopeon tag list', shows: 'what each tag cost' },
    { line: 'scopeon tag list billing', shows: 'the sessions with it' },
  ],
  options: (command) =>
    void command
      .option('--session <id>', 'the session; what else is typed are tags')
      .option('--json', 'print JSON')
      .option('--no-ingest', 'answer from the store as it is, without reading new log lines'),
  run: async (context, [what, ...words], options) => {
    const [id, ...tags] = options.session === undefined ? words : [String(options.session), ...words];
    const ask = { asJson: options.json === true, ingest: options.ingest !== false };
    switch (what) {
      case 'set':
        return set(context, id, tagsOf(tags), ask);
      case 'clear':
        return set(context, id, [], ask);
      case 'show':
        return withStore(context, ask, (db) => show(context, db, id, ask.asJson));
      case 'list':
        return withStore(context, ask, (db) => list(context, db, id, ask.asJson));
      default:
        throw new ScopeonError('usage', `There is nothing called "${displaySafe(what ?? '', 64)}" to do with tags.`, {
          hint: 'Choose set, clear, show or list.',
        });
    }
  },
});

interface Ask {
  readonly asJson: boolean;
  readonly ingest: boolean;
}

async function withStore(
  context: CommandContext,
  { ingest }: Ask,
  answer: (db: Database) => Promise<number>,
): Promise<number> {
  const data = await openData(context, 'tag', { ingest });
  try {
    return await answer(dataOf(data));
  } finally {
    data.db?.close();
  }
}

/** As an agent may set them. */
function tagsOf(words: readonly string[]): readonly string[] {
  const wrong = words.find((word) => !/^[A-Za-z0-9._/-]{1,64}$/.test(word));
  if (wrong !== undefined)
    throw new ScopeonError('usage', `"${displaySafe(wrong, 80)}" cannot be a tag.`, {
      hint: 'A tag has at most 64 letters, digits and . _ / -',
    });
  if (words.length === 0 || words.length > 20)
    throw new ScopeonError('usage', words.length === 0 ? 'Say which tags.' : 'A session has at most 20 tags.', {
      hint: 'scopeon tag set <session> <tag>…; scopeon tag clear <session> takes them away.',
    });
  return [...new Set(words)];
}

async function rowOf(db: Database, id: string | undefined): Promise<number> {
  if (id === undefined) throw new ScopeonError('usage', 'Say which session.', { hint: 'scopeon sessions lists them.' });
  const { topSessionNamed } = await import('../store/queries/sessions.ts');
  const rowId = topSessionNamed(db, id);
  if (rowId === undefined)
    throw new ScopeonError('failure', `There is no one session whose id begins with "${displaySafe(id, 128)}".`, {
      hint: 'scopeon sessions lists them.',
    });
  return rowId;
}

async function set(
  context: CommandContext,
  id: string | undefined,
  tags: readonly string[],
  ask: Ask,
): Promise<number> {
  const rowId = await withStore(context, ask, (db) => rowOf(db, id));
  const [{ openStore }, { setTags }, { paths }] = await Promise.all([
    import('../store/open.ts'),
    import('../store/tags.ts'),
    context.config(),
  ]);
  const db = await openStore(paths, context.now(), () => undefined);
  try {
    setTags(db, rowId, tags);
    return await show(context, db, id, ask.asJson);
  } finally {
    db.close();
  }
}

async function show(
  { stdout }: CommandContext,
  db: Database,
  id: string | undefined,
  asJson: boolean,
): Promise<number> {
  const { sessionFacts } = await import('../store/queries/sessions.ts');
  const rowId = await rowOf(db, id);
  const facts = sessionFacts(db, [rowId]).get(rowId);
  const tags = facts?.tags ?? [];
  if (asJson) stdout.write(`${JSON.stringify({ schema_version: 1, session_id: facts?.id, tags }, null, 2)}\n`);
  else stdout.write(tags.length === 0 ? 'It has no tags.\n' : `${tags.map((tag) => displaySafe(tag)).join(' ')}\n`);
  return exitCode.ok;
}

async function list(
  { stdout }: CommandContext,
  db: Database,
  tag: string | undefined,
  asJson: boolean,
): Promise<number> {
  const { costByTagAnswer, taggedSessions } = await import('../report/spend-answers.ts');
  const answer = tag === undefined ? costByTagAnswer(db) : { sessions: taggedSessions(db, tag) };
  if (asJson) {
    stdout.write(`${JSON.stringify({ schema_version: 1, ...answer }, null, 2)}\n`);
    return exitCode.ok;
  }
  const usd = (cost: number): string => cost.toFixed(4);
  const rows =
    'tags' in answer
      ? [
          ['Tag', 'Cost (USD)', 'Sessions'],
          ...answer.tags.map((each) => [displaySafe(each.tag, 64), usd(each.cost_usd), String(each.session_count)]),
        ]
      : [
          ['Session', 'Cost (USD)', 'Project'],
          ...answer.sessions.map((each) => [
            displaySafe(each.id, 128),
            usd(each.cost_usd),
            displaySafe(each.project, 64),
          ]),
        ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const line = ([name = '', cost = '', last = '']: readonly string[]): string =>
    `${padToWidth(name, widths[0] ?? 0)}  ${padToWidth(cost, widths[1] ?? 0, 'right')}  ${last}`;
  stdout.write(rows.length === 1 ? 'There is none.\n' : `${rows.map(line).join('\n')}\n`);
  return exitCode.ok;
}
