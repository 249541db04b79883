import type { TurnRow } from './turn-row.ts';

/** What the rows of one session say, as far as it was counted while they were written. */
export interface SessionTally {
  readonly main: Chain;
  readonly side: Chain;
  /** How often each tool was called, by the number {@link Tallies.nameOf} knows its name by. */
  readonly calls: number[];
}

/** Turns of the main chain, or those beside it. */
interface Chain {
  turns: number;
  /** Of the last turn, and of those at that time the one with the fullest context. */
  at: number;
  contextTokens: number;
  modelId: number;
  /** False: the last one left, or is as late as another, and only the rows tell which it is now. None is later than `at`. */
  isLastSure: boolean;
  /** Of the turns whose context is told. */
  maxPromptTokens: number;
  /** False: the largest one left. None is larger. */
  isMaxSure: boolean;
}

/** Counts in memory, for a first fill, what is otherwise asked of the rows of each session that was written to. */
export interface Tallies {
  addTurn(row: TurnRow, sign: 1 | -1): void;
  /** A turn is told once more, or better. */
  changeTurn(before: TurnRow, after: TurnRow): void;
  addCalls(sessionId: number, nameId: number, times: number): void;
  /** Undefined: no turn and no call was written of it. */
  of(sessionId: number): SessionTally | undefined;
  /** Row of the name in `word`; 0: it has none. */
  nameOf(number: number): number;
}

export function createTallies(): Tallies {
  const bySession: (SessionTally | undefined)[] = [];
  /** Names are few, while there are as many words as all kinds of names make. */
  const names: number[] = [];
  const numbers: (number | undefined)[] = [];

  function tallyOf(sessionId: number): SessionTally {
    return (bySession[sessionId] ??= { main: { ...noTurns }, side: { ...noTurns }, calls: [] });
  }

  function addTurn(row: TurnRow, sign: 1 | -1): void {
    const tally = tallyOf(row.sessionId);
    (sign === 1 ? add : remove)(row.sidechain === 0 ? tally.main : tally.side, row);
  }

  return {
    addTurn,
    changeTurn(before, after) {
      if (told.every((field) => before[field] === after[field])) return;
      addTurn(before, -1);
      addTurn(after, 1);
    },
    addCalls(sessionId, nameId, times) {
      let number = numbers[nameId];
      if (number === undefined) number = numbers[nameId] = names.push(nameId) - 1;
      const { calls } = tallyOf(sessionId);
      while (calls.length <= number) calls.push(0);
      calls[number] = (calls[number] as number) + times; // it is that long now
    },
    of: (sessionId) => bySession[sessionId],
    nameOf: (number) => names[number] ?? 0,
  };
}

/** What a tally takes of a turn. */
const told = ['sessionId', 'sidechain', 'at', 'contextTokens', 'promptTokens', 'modelId'] as const;

export const noTurns: Chain = {
  turns: 0,
  at: Number.NEGATIVE_INFINITY,
  contextTokens: 0,
  modelId: 0,
  isLastSure: true,
  maxPromptTokens: 0,
  isMaxSure: true,
};

function add(chain: Chain, row: TurnRow): void {
  chain.turns++;
  if (row.contextTokens > 0 && row.promptTokens > chain.maxPromptTokens) {
    chain.maxPromptTokens = row.promptTokens;
    chain.isMaxSure = true;
  }
  if (row.at > chain.at) {
    chain.isLastSure = true;
  } else {
    if (row.at < chain.at || row.contextTokens < chain.contextTokens) return;
    if (row.contextTokens === chain.contextTokens) {
      if (row.modelId !== chain.modelId) chain.isLastSure = false;
      return;
    }
    // It is fuller than what was the last of this time, be that still there or not; of two as full none was.
    chain.isLastSure = true;
  }
  chain.at = row.at;
  chain.contextTokens = row.contextTokens;
  chain.modelId = row.modelId;
}

function remove(chain: Chain, row: TurnRow): void {
  if (--chain.turns === 0) {
    Object.assign(chain, noTurns);
    return;
  }
  if (row.at === chain.at && row.contextTokens === chain.contextTokens) chain.isLastSure = false;
  if (row.promptTokens === chain.maxPromptTokens) chain.isMaxSure = false;
}
