/** Longest name kept from a log, in characters. */
const longestName = 256;

/**
 * A name from a log as it may be stored: control characters, bidi marks, zero-width characters, line separators and
 * lone surrogates are gone, and so is what lies beyond 256 characters.
 */
export function cleanName(text: string): string {
  const cut = text.length > longestName ? text.slice(0, longestName) : text;
  return unwanted.test(cut) || !cut.isWellFormed()
    ? cut.replace(everyUnwanted, '').toWellFormed().replaceAll('\ufffd', '')
    : cut;
}

const pattern =
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb]';
const unwanted = new RegExp(pattern);
const everyUnwanted = new RegExp(pattern, 'g');
