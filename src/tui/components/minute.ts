/** Answers that time alone changes are asked anew with each minute. */
export function minuteOf(now: number): string {
  return String(Math.floor(now / 60_000));
}
