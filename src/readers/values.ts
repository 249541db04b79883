/** A whole number from 0 to 10^12; anything else is 0 and counted as bad. Absent is plainly 0. */
export function countOf(value: number | undefined, record: { bad(): void }): number {
  if (value === undefined) return 0;
  if (Number.isInteger(value) && value >= 0 && value <= 1e12) return value;
  record.bad();
  return 0;
}

/** The same without a word: undefined when it is no such number. */
export function knownCount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 1e12 ? value : undefined;
}

/** US dollars as whole nano-USD; undefined for what is no price of one response: negative, or a million and more. */
export function nanoUsdOf(usd: number | undefined): number | undefined {
  return usd !== undefined && usd >= 0 && usd < 1e6 ? Math.round(usd * 1e9) : undefined;
}

/** RFC 3339 to UTC milliseconds. The form every line has is read by its digits; Date.parse knows the others. */
export function timeOf(timestamp: string | undefined): number | undefined {
  if (timestamp === undefined) return undefined;
  const at = plainTimeOf(timestamp);
  if (at >= 0) return at;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(timestamp)) return undefined;
  const parsed = Date.parse(timestamp);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** `2026-11-20T12:34:56.789Z` of a day that every month has; -1 for any other form. Without a pattern: it is asked twice a line. */
function plainTimeOf(text: string): number {
  const isForm =
    text.length === 24 &&
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z';
  if (!isForm) return -1;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const milli = digits(text, 20, 23);
  if (month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59) return -1;
  // Below 1970 the sign would be lost, and before the year 100 Date.UTC means another century.
  if (year < 1970 || hour < 0 || minute < 0 || second < 0 || milli < 0) return -1;
  return Date.UTC(year, month - 1, day, hour, minute, second, milli);
}

/** -1 when one of them is no digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * All output of a response, and the reasoning in it. Some vendors count reasoning within the output, others beside it:
 * which it is shows in the total, where one is told; without one it is within.
 */
export function outputOf(
  told: {
    readonly prompt: number;
    readonly output: number;
    readonly reasoning?: number | undefined;
    readonly total?: number | undefined;
  },
  record: { bad(): void },
): { readonly output: number; readonly reasoning: number | undefined } {
  if (told.reasoning === undefined) return { output: told.output, reasoning: undefined };
  const reasoning = countOf(told.reasoning, record);
  const beside = (knownCount(told.total) ?? 0) - told.prompt - told.output;
  if (reasoning > 0 && beside >= reasoning) return { output: told.output + reasoning, reasoning };
  if (reasoning > told.output) record.bad();
  return { output: told.output, reasoning: Math.min(reasoning, told.output) };
}

/** Is an id a counter, a moment, or too short to be the only one of its kind? Servers of local models give such ids. */
export function isWeakId(id: string): boolean {
  const unique = id.split(/[-_.:]/).at(-1) ?? '';
  return id.length < 24 && (unique.length < 8 || /^\d+$/.test(unique));
}
