import { fields, type PickedSized, type Shape } from '../../readers/fields.ts';
import { pick } from '../../readers/pick.ts';
import { knownCount, timeOf } from '../../readers/values.ts';
import { type Context, membersOf, remember } from './notes.ts';
import type { Place } from './place.ts';
import type { Data } from './plan.ts';

const quotaPlan = fields({
  isUnlimitedEntitlement: 'flag',
  entitlementRequests: 'number',
  usedRequests: 'number',
  remainingPercentage: 'number',
  usageAllowedWithExhaustedQuota: 'flag',
  resetDate: 'text',
});

/** Running totals of the session in units of their own: requests by their multiplier, and AI units. */
export function takeTotals(data: Data, place: Place, context: Context): void {
  takeAmount('premium_requests', data.totalPremiumRequests, place, context);
  takeAmount('ai_units', data.totalNanoAiu === undefined ? undefined : data.totalNanoAiu / 1e9, place, context);
}

function takeAmount(window: string, used: number | undefined, place: Place, context: Context): void {
  // What was inherited is told where it was used.
  if (used === undefined || !(used > 0 && used < 1e12) || place.isInherited) return;
  if (!isNews(window, String(used), context)) return;
  const session = context.state.session;
  context.emit({ kind: 'limit', key: `${place.key}:${window}`, session, at: place.at, window, used, reached: false });
}

/** A limit the user set for the session. */
export function takeSessionLimit(data: Data, place: Place, context: Context): void {
  const entitlement = knownCount(data.sessionLimits?.maxAiCredits);
  if (entitlement === undefined) return;
  const session = context.state.session;
  const window = 'session_ai_units';
  context.emit({ kind: 'limit', key: place.key, session, at: place.at, window, entitlement, reached: false });
}

/** The account's quotas, by their names. */
export function takeQuotas(snapshots: PickedSized<Shape>, place: Place, context: Context): void {
  for (const [window, value] of membersOf(snapshots, context) ?? []) {
    const quota = pick(value, quotaPlan);
    const entitlement = positive(quota.entitlementRequests);
    const used = positive(quota.usedRequests) ?? (quota.usedRequests === 0 ? 0 : undefined);
    const isUnlimited = quota.isUnlimitedEntitlement === true;
    if (used === undefined && entitlement === undefined && !isUnlimited) continue; // it tells nothing
    const usedPct = isUnlimited || entitlement === undefined ? undefined : usedShare(used, entitlement);
    if (!isNews(`quota:${window}`, JSON.stringify([used, entitlement, quota.resetDate]), context)) continue;
    context.emit({
      kind: 'limit',
      key: `${place.key}:${window}`,
      at: place.at,
      window,
      usedPct,
      used,
      entitlement: isUnlimited ? undefined : entitlement,
      resetsAt: timeOf(quota.resetDate),
      reached: usedPct === 100 && quota.usageAllowedWithExhaustedQuota !== true,
      plan: isUnlimited ? 'unlimited' : undefined,
    });
  }
}

function usedShare(used: number | undefined, entitlement: number): number | undefined {
  return used === undefined ? undefined : Math.min(100, (used / entitlement) * 100);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value < 1e12 ? value : undefined;
}

function isNews(name: string, told: string, context: Context): boolean {
  const { quotas } = context.state;
  const known = quotas.find(([each]) => each === name);
  if (known?.[1] === told) return false;
  if (known === undefined) remember(quotas, [name, told]);
  else known[1] = told;
  return true;
}
