import type { Zone } from '../metrics/calendar.ts';
import { type PriceRow, ratesFor } from '../metrics/price-row.ts';
import type { PriceBook } from '../metrics/prices.ts';
import { parseWhen } from '../metrics/when.ts';
import type { Database } from '../store/driver.ts';
import {
  type ExplainedSum,
  explainedTurn,
  filesOfModel,
  filesOfRange,
  filesOfSession,
  modelSum,
  rangeSum,
  sessionSum,
} from '../store/queries/explain.ts';
import { topSessionNamed } from '../store/queries/sessions.ts';
import { usdOf } from './figures.ts';
import { countOf } from './format.ts';
import { priceJson } from './price-list.ts';

/** What can be explained. `turn` is the `id` of an export's turns. */
export const explained = ['turn', 'session', 'day', 'model'] as const;
export type Explained = (typeof explained)[number];

export interface Explanation {
  /** What the value is of. */
  readonly figure: string;
  /** USD; null: no price is known and the log states none. */
  readonly value_usd: number | null;
  /** Names of log files, no folders; at most 50. */
  readonly files: readonly string[];
  /** Responses counted. */
  readonly records: number;
  /** Responses one record of the log stands for beyond the first; null where it is not known of sums. */
  readonly merged: number | null;
  /** The price it was reckoned at: of a turn and a model. */
  readonly price_row: ReturnType<typeof priceJson> | null;
  readonly formula: string;
}

const fileLimit = 50;

/** Where a cost comes from; undefined: there is no such thing. @throws RangeError for a day that is none */
export function explainAnswer(
  db: Database,
  request: { readonly now: number; readonly zone: Zone; readonly book: () => PriceBook },
  kind: Explained,
  value: string,
): Explanation | undefined {
  switch (kind) {
    case 'turn':
      return ofTurn(db, value);
    case 'session': {
      const rowId = topSessionNamed(db, value);
      return rowId === undefined
        ? undefined
        : ofSum('cost_usd of the session with its subagents', sessionSum(db, rowId), () => filesOfSession(db, rowId));
    }
    case 'day': {
      const from = parseWhen(value, { now: request.now, zone: request.zone, edge: 'since' });
      const to = parseWhen(value, { now: request.now, zone: request.zone, edge: 'until' });
      if (to.atMs - from.atMs < 1000 * 60 * 60) throw new RangeError('a day is asked for, not an instant');
      return ofSum(`cost_usd of ${from.text}, ${request.zone.name}`, rangeSum(db, from.atMs, to.atMs), () =>
        filesOfRange(db, from.atMs, to.atMs),
      );
    }
    case 'model': {
      const sum = ofSum('cost_usd of the model', modelSum(db, value), () => filesOfModel(db, value));
      const price = request.book().find(value, request.now, 'standard');
      return sum === undefined ? undefined : { ...sum, price_row: price === undefined ? null : priceJson(price) };
    }
  }
}

function ofSum(figure: string, sum: ExplainedSum, files: () => readonly string[]): Explanation | undefined {
  if (sum.turns === 0) return undefined;
  const unpriced = sum.turns - sum.pricedTurns;
  const parts = [
    `sum over ${countOf(sum.turns, 'turn')}, each counted once however often the logs tell it`,
    `${sum.loggedTurns} at the cost their log states, ${sum.pricedTurns - sum.loggedTurns} at tokens × price of their day`,
    ...(unpriced > 0 ? [`${unpriced} without a price, not in the sum`] : []),
  ];
  return {
    figure,
    value_usd: sum.pricedTurns === 0 ? null : usdOf(sum.nano),
    files: namesOf(files()),
    records: sum.turns,
    merged: null,
    price_row: null,
    formula: parts.join('; '),
  };
}

function ofTurn(db: Database, key: string): Explanation | undefined {
  const turn = /^[0-9a-f]{32}$/i.test(key) ? explainedTurn(db, key) : undefined;
  if (turn === undefined) return undefined;
  const price: PriceRow | undefined = turn.price === null ? undefined : JSON.parse(turn.price); // the ledger's own JSON
  const counted = turn.logged ?? turn.calculated;
  return {
    figure: `cost_usd of the turn of ${new Date(turn.at).toISOString()}`,
    value_usd: counted === null ? null : usdOf(counted),
    files: namesOf([turn.file]),
    records: 1,
    merged: turn.responses - 1,
    price_row: price === undefined ? null : priceJson(price),
    formula:
      turn.logged !== null
        ? `the log states ${usdOf(turn.logged)} USD${turn.calculated === null ? '' : `; ours: ${usdOf(turn.calculated)} USD`}`
        : price === undefined
          ? 'no price is known for this model at this time'
          : product(turn, price),
  };
}

function product(turn: NonNullable<ReturnType<typeof explainedTurn>>, price: PriceRow): string {
  const rates = ratesFor(price, turn.promptTokens);
  const factors = [
    ['input', turn.uncachedInput, rates.input],
    ['cache read', turn.cacheRead, rates.cacheRead],
    ['cache write 5m', turn.cacheWrite5m, rates.cacheWrite5m],
    ['cache write 1h', turn.cacheWrite1h, rates.cacheWrite1h],
    ['output', turn.output, rates.output],
  ] as const;
  const terms = factors
    .filter(([, tokens]) => tokens > 0)
    .map(([kind, tokens, rate]) => `${tokens} ${kind} × ${rate / 1e6}`);
  const searches = turn.webSearches * (price.webSearchNanoUsd ?? 0);
  const fee = searches > 0 ? [` + ${turn.webSearches} web searches × ${(price.webSearchNanoUsd ?? 0) / 1e9} USD`] : [];
  return `(${terms.join(' + ')}) / 1,000,000 USD${fee.join('')}`;
}

/** The last part of each path: folders tell more than was asked. */
function namesOf(files: readonly string[]): readonly string[] {
  return [...new Set(files.map((file) => file.split(/[\\/]/).at(-1) ?? file))].sort().slice(0, fileLimit);
}
