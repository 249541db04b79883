import type { InsightTurn } from './insight-turn.ts';

/** Time from the first turn to the last, in ms; undefined for fewer than two turns or none between. */
export function spanMs(turns: readonly InsightTurn[]): number | undefined {
  const [first] = turns;
  const last = turns.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  return last.at - first.at;
}

/** Cost of the turns that are priced, nano-USD; undefined when none is. */
export function knownCost(turns: readonly InsightTurn[]): number | undefined {
  let cost: number | undefined;
  for (const turn of turns) if (turn.costNanoUsd !== undefined) cost = (cost ?? 0) + turn.costNanoUsd;
  return cost;
}

/** Known durations of turns in ms. */
export function durationsMs(turns: readonly InsightTurn[]): readonly number[] {
  return turns.flatMap((turn) => turn.durationMs ?? []);
}

/** Turns of the main chain: those that fill the context. */
export function mainChainOf(turns: readonly InsightTurn[]): readonly InsightTurn[] {
  return turns.filter((turn) => !turn.sidechain);
}
