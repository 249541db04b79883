import { timeOf } from '../../readers/values.ts';
import { type Context, rowKeyOf } from './notes.ts';
import type { Message, Row } from './plan.ts';

/** A refused request. When it was a usage limit, the notice tells when it ends; that time is all that is taken of it. */
export function takeApiError(row: Row, message: Message, context: Context): void {
  const notice =
    message.content?.items.map((block) => (block.text === undefined ? '' : context.peek(block.text))).join(' ') ?? '';
  const code = row.error === undefined ? '' : context.peek(row.error);
  if (code !== 'rate_limit' && !/usage limit reached|(5-hour|weekly|session) limit|hit your limit/i.test(notice))
    return;
  const at = timeOf(row.timestamp);
  context.emit({
    kind: 'limit',
    key: rowKeyOf(row, context),
    session: context.state.session,
    at,
    window: /weekly/i.test(notice)
      ? 'weekly'
      : /5-hour|session limit|usage limit reached/i.test(notice)
        ? 'five_hour'
        : 'unknown',
    windowMinutes: /weekly/i.test(notice)
      ? 10_080
      : /5-hour|session limit|usage limit reached/i.test(notice)
        ? 300
        : undefined,
    resetsAt: at === undefined ? undefined : resetTime(notice, at),
    reached: true,
  });
}

/** "…|1760000000", or "resets 2am", "resets 4:30pm (Europe/Berlin)": the next such moment after `at`. */
function resetTime(notice: string, at: number): number | undefined {
  const seconds = /\|(\d{10})\b/.exec(notice)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const [, hour12, minute = '00', half, zone] =
    /resets (?:at )?(\d{1,2})(?::(\d{2}))? ?([ap])m(?: \(([A-Za-z_+\-/0-9]{1,40})\))?/i.exec(notice) ?? [];
  if (hour12 === undefined || half === undefined) return undefined;
  const wanted = `${String((Number(hour12) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)).padStart(2, '0')}:${minute}`;
  try {
    const clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: zone,
    });
    const step = 60_000;
    const first = Math.ceil(at / step) * step;
    for (let time = first; time < first + 24 * 60 * step; time += step) if (clock.format(time) === wanted) return time;
  } catch {
    // a zone this machine does not know: no reset time rather than a wrong one
  }
  return undefined;
}
