import { fields, type PickedSized, type Shape } from '../../readers/fields.ts';
import { pick } from '../../readers/pick.ts';
import { countOf, knownCount } from '../../readers/values.ts';
import { takeTotals } from './limits.ts';
import { type Context, membersOf, type Notes, type Sum } from './notes.ts';
import { type Place, ranks } from './place.ts';
import { type Data, tokenFields } from './plan.ts';
import { startLeg } from './sessions.ts';
import { costOf, turnOf, usageOf } from './turns.ts';

/** One model's part of `session.shutdown`'s sums. */
const metricsPlan = fields({ requests: { count: 'number' }, usage: tokenFields, totalNanoAiu: 'number' });

/**
 * What a shutdown adds to what was summed up before it. Up to 1.0.65 its counters are those of its own leg, from 1.0.66
 * on those of the whole session, and nothing in the record says which.
 */
export function takeShutdown(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  takeTotals(data, place, context);
  const at = place.at ?? notes.lastAt;
  if (notes.legs.length === 0) startLeg(notes.legs, at ?? 0);
  const badBefore = context.badCounts;
  const sums = sumsOf(data.modelMetrics, context);
  const { added, legs } = sums === undefined ? { added: [], legs: 1 } : readSums(sums, notes);
  const summedUp = notes.legs.splice(-legs);
  const from = summedUp[0]?.from ?? 0; // at least one leg is summed up
  const shared = { ...turnOf(place, context, ranks.shutdown), at, quality: 'logged' } as const;
  for (const [model, sum] of added) {
    const requests = Math.max(1, sum.requests);
    const prompt = Math.ceil(sum.input / requests);
    const usage = usageOf(sum, context);
    context.emit({
      ...shared,
      key: `shutdown:${place.key}:${model}`,
      model,
      usage,
      suspect: context.badCounts > badBefore,
      // The mean stands for prompts of which only the sum is known; the fill is that of the model that went on.
      promptTokens: prompt,
      contextTokens: model === data.currentModel ? (knownCount(data.currentTokens) ?? 0) : 0,
      costNanoUsd: costOf(sum.nanoAiu),
      responses: requests,
      source: { ...shared.source, from },
    });
  }
  if (at === undefined) return;
  context.emit({ kind: 'stretch', session: notes.session, at, told: { rank: ranks.shutdown, from } });
  startLeg(notes.legs, at + 1);
  if (sums !== undefined) notes.sums = [...sums];
}

/** Undefined: no model says what it used, so that nothing is known; an empty map says that nothing was used. */
function sumsOf(metrics: PickedSized<Shape> | undefined, context: Context): ReadonlyMap<string, Sum> | undefined {
  const models = metrics === undefined ? undefined : membersOf(metrics, context);
  if (models === undefined) return undefined;
  const sums = new Map<string, Sum>();
  for (const [model, value] of models) {
    const { usage, requests, totalNanoAiu } = pick(value, metricsPlan);
    if (usage === undefined) continue;
    sums.set(model, {
      requests: countOf(requests?.count, context),
      input: countOf(usage.inputTokens, context),
      output: countOf(usage.outputTokens, context),
      cacheRead: countOf(usage.cacheReadTokens, context),
      cacheWrite: countOf(usage.cacheWriteTokens, context),
      reasoning: usage.reasoningTokens === undefined ? undefined : countOf(usage.reasoningTokens, context),
      nanoAiu: totalNanoAiu !== undefined && totalNanoAiu >= 0 ? totalNanoAiu : undefined,
    });
  }
  return sums.size === 0 && models.length > 0 ? undefined : sums;
}

/**
 * A counter that fell is no running sum. Where none fell, both readings are held against what the messages say they put
 * out, in the last leg or in the last few, for after a crash a sum may reach back beyond it. The nearest wins; without
 * such messages the counters run on.
 */
function readSums(
  sums: ReadonlyMap<string, Sum>,
  { sums: before, legs }: Notes,
): { readonly added: readonly (readonly [string, Sum])[]; readonly legs: number } {
  const whole = [...sums];
  const difference = before.some(([model, sum]) => hasFallen(sum, sums.get(model)))
    ? undefined
    : whole.map(([model, sum]) => [model, minus(sum, before.find(([name]) => name === model)?.[1])] as const);
  const readings = difference === undefined ? [whole] : before.length === 0 ? [difference] : [difference, whole];
  let best = { added: readings[0] ?? [], legs: 1, distance: Number.POSITIVE_INFINITY };
  let told = 0;
  for (const [i, leg] of [...legs].reverse().entries()) {
    told += leg.output;
    if (!leg.isTold) continue;
    for (const added of readings) {
      const distance = Math.abs(added.reduce((sum, [, each]) => sum + each.output, 0) - told);
      if (distance < best.distance) best = { added, legs: i + 1, distance };
    }
  }
  return { added: best.added.filter(([, sum]) => sum.input > 0 || sum.output > 0), legs: best.legs };
}

function hasFallen(before: Sum, now: Sum | undefined): boolean {
  if (now === undefined) return true;
  const names = Object.keys(before) as (keyof Sum)[]; // its own
  return names.some((name) => (now[name] ?? 0) < (before[name] ?? 0));
}

function minus(now: Sum, before: Sum | undefined): Sum {
  if (before === undefined) return now;
  return {
    requests: now.requests - before.requests,
    input: now.input - before.input,
    output: now.output - before.output,
    cacheRead: now.cacheRead - before.cacheRead,
    cacheWrite: now.cacheWrite - before.cacheWrite,
    reasoning: now.reasoning === undefined ? undefined : now.reasoning - (before.reasoning ?? 0),
    nanoAiu: now.nanoAiu === undefined ? undefined : now.nanoAiu - (before.nanoAiu ?? 0),
  };
}
