/** Longest name kept from a log, in characters. */
const longestName = 256;

/**
 * A name from a log as it may be stored: control characters, bidi marks, zero-width characters, line separators and
 * lone surrogates are gone, and so is what lies beyond 256 characters.
 */
export function cleanName(text: string): string {
  const cut = text.length > longestName ? text.slice(0, longestName) : text;
  if (plain.test(cut)) return cut;
  return unwanted.test(cut) || !cut.isWellFormed()
    ? cut.replace(everyUnwanted, '').toWellFormed().replaceAll('\ufffd', '')
    : cut;
}

/** The same for a column that may be empty; null when the log does not say. */
export function nameOf(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : cleanName(text);
}

/** What nearly every name is, told in a tenth of the time. */
const plain = /^[\x20-\x7e]*$/;
/** Controls, what is drawn as nothing (zero-width, bidi, tags, fillers, variation selectors), and separators of lines. */
const pattern = '[\\p{Control}\\p{Default_Ignorable_Code_Point}\\u2028\\u2029\\ufff9-\\ufffb]';
const unwanted = new RegExp(pattern, 'u');
const everyUnwanted = new RegExp(pattern, 'gu');
