import { defineCommand } from '../command.ts';
import { withData } from '../data.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { readPriceBook } from '../ingest/pricing.ts';
import { type Explained, type Explanation, explainAnswer, explained } from '../report/explain.ts';
import { zoneOf } from '../report-command.ts';

export default defineCommand({
  summary: 'where a figure comes from: files, records, price and formula',
  arguments: [
    { name: '<what>', description: `one of ${explained.join(', ')}` },
    { name: '<which>', description: "a day, a session's id, a model's name, or a turn's id from an export" },
  ],
  examples: [
    { line: 'scopeon explain day today', shows: 'what the cost of today is made of' },
    { line: 'scopeon explain model claude-opus-4-8', shows: "a model's cost and its price" },
    { line: 'scopeon explain session 3f0c1a52 --json', shows: 'the same of a session, for scripts' },
  ],
  options: (command) =>
    void command
      .option('--json', 'print JSON')
      .option('--no-ingest', 'answer from what is stored, without reading the logs')
      .option('--timezone <zone>', "time zone for days (default: the system's)"),
  run: (context, [what, which], options) => {
    const kind = kindOf(what);
    const zone = zoneOf(options.timezone as string | undefined, context.env); // as declared above
    return withData(context, 'explain', { ingest: options.ingest !== false }, async (db, { loaded }) => {
      const book = readPriceBook(db, loaded.config.pricing.overrides);
      const answer = asked(which ?? '', () =>
        explainAnswer(db, { now: context.now(), zone, book: () => book }, kind, which ?? ''),
      );
      if (answer === undefined)
        throw new ScopeonError('usage', `There is no ${kind} "${displaySafe(which ?? '', 128)}".`, {
          hint: hints[kind],
        });
      context.stdout.write(options.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : page(answer));
      return undefined;
    });
  },
});

const hints: Readonly<Record<Explained, string>> = {
  turn: 'Ids of turns: scopeon export --format json',
  session: 'Ids of sessions: scopeon sessions --json',
  day: 'Days with turns: scopeon daily',
  model: 'Models by name: scopeon models --json',
};

function kindOf(word: string | undefined): Explained {
  const kind = explained.find((name) => name === word);
  if (kind !== undefined) return kind;
  throw new ScopeonError(
    'usage',
    `Cannot explain "${displaySafe(word ?? '', 64)}": it must be one of ${explained.join(', ')}.`,
  );
}

function asked<T>(value: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RangeError)
      throw new ScopeonError('usage', `"${displaySafe(value, 64)}" is no day (like 2026-04-01 or today).`, {
        cause: error,
      });
    throw error;
  }
}

function page(answer: Explanation): string {
  const { price_row: price } = answer;
  const rates = price?.usd_per_million_tokens;
  const rows: readonly (readonly [string, string])[] = [
    ['Figure', answer.figure],
    ['Value', answer.value_usd === null ? 'unpriced' : `${answer.value_usd} USD`],
    ['Turns', answer.records.toLocaleString('en-US')],
    ['Formula', answer.formula],
    ...(price == null || rates === undefined
      ? []
      : [
          ['Price', `${price.model_id}, ${price.speed}, from ${price.valid_from ?? 'the start'}`] as const,
          ['Source', `${price.source}, ${price.source_date}`] as const,
        ]),
    ...answer.files.map((file, index): readonly [string, string] => [index === 0 ? 'Files' : '', file]),
  ];
  return `${rows.map(([name, text]) => `${name.padEnd(9)}${displaySafe(text, 512)}`).join('\n')}\n`;
}
