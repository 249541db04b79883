import type { LimitEvent } from '../../events.ts';
import { knownCount } from '../../readers/values.ts';
import { type Context, mostWaiting } from './notes.ts';
import type { Payload } from './plan.ts';

/** As often as a limit that does not change is told again. */
const sameLimitEveryMs = 5 * 60_000;

/** Usage limits as they stand. */
export function takeLimits(limits: Payload['rate_limits'], at: number | undefined, context: Context): void {
  const notes = context.state;
  if (limits === undefined || (notes.fork !== undefined && notes.fork.part !== 'own')) return;
  const { limit_id: id, plan_type: plan } = limits;
  const windows = [
    ['primary', limits.primary],
    ['secondary', limits.secondary],
  ] as const;
  for (const [name, window] of windows) {
    if (window === undefined) continue;
    const usedPct = window.used_percent;
    const isKnown = usedPct !== undefined && usedPct >= 0;
    tellLimit(
      {
        window: windowName(name, window.window_minutes, id),
        windowMinutes: knownCount(window.window_minutes),
        usedPct: isKnown ? Math.min(usedPct, 100) : undefined,
        resetsAt: resetOf(window, at),
        reached: isKnown && usedPct >= 100,
        plan,
      },
      at,
      context,
    );
  }
  const isToldAlone = limits.primary === undefined && limits.secondary === undefined;
  if (isToldAlone && limits.rate_limit_reached_type !== undefined)
    tellLimit({ window: windowName('unknown', undefined, id), reached: true, plan }, at, context);
}

/** By its length, for what is primary differs from plan to plan. Some versions tell a minute less. */
function windowName(name: string, minutes: number | undefined, limitId: string | undefined): string {
  const known =
    minutes === undefined
      ? name
      : Math.abs(minutes - 300) <= 1
        ? 'five_hour'
        : Math.abs(minutes - 10_080) <= 1
          ? 'weekly'
          : `${minutes}_minutes`;
  return limitId === undefined || limitId === 'codex' ? known : `${known}:${limitId}`;
}

function resetOf(
  window: { readonly resets_at: number | undefined; readonly resets_in_seconds: number | undefined },
  at: number | undefined,
): number | undefined {
  const resetsAt = knownCount(window.resets_at);
  if (resetsAt !== undefined) return resetsAt * 1000;
  const seconds = knownCount(window.resets_in_seconds);
  return seconds === undefined || at === undefined ? undefined : at + seconds * 1000;
}

function tellLimit(
  limit: Omit<LimitEvent, 'kind' | 'key' | 'session' | 'at'>,
  at: number | undefined,
  context: Context,
): void {
  const notes = context.state;
  const known = notes.limits.find((each) => each.window === limit.window);
  const { window, usedPct, resetsAt, reached } = limit;
  const isSame =
    known !== undefined &&
    known.usedPct === usedPct &&
    known.reached === reached &&
    Math.abs((known.resetsAt ?? 0) - (resetsAt ?? 0)) <= 60_000 &&
    at !== undefined &&
    at - known.at < sameLimitEveryMs;
  if (isSame) return;
  const key = `${notes.thread}:${window}:${at ?? context.offset}`;
  context.emit({ kind: 'limit', key, session: notes.thread, at, ...limit });
  const others = notes.limits.filter((each) => each.window !== window).slice(1 - mostWaiting);
  if (at !== undefined) notes.limits = [...others, { window, usedPct, resetsAt, reached, at }];
}
