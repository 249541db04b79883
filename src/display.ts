/** Text that did not come from us, made fit for a terminal: nothing in it can move the cursor, colour, hide or reorder. */

/**
 * `text` safe to print: control and bidi characters, escape sequences and line separators are shown escaped (`\n`,
 * `\x1b`, `\u202e`), invisible ones are removed, lone surrogates become U+FFFD. At most `max` characters (code points);
 * what is cut ends in `…`. Safe to apply twice. For every name, path and error text that reaches a terminal.
 */
export function displaySafe(text: string, max = 256): string {
  if (text.length <= max && plainAscii.test(text)) return text;
  const cut = text.slice(0, max * 8); // bounds the work below for absurd strings
  const safe = cut
    .replace(nameByte, '\\x$1')
    .replace(escaped, escapeCharacter)
    .replace(invisible, (found, at: number, whole: string) => (keepsEmojiStyle(found, at, whole) ? found : ''))
    .replace(loneSurrogate, '\ufffd');
  const characters = [...safe];
  if (characters.length <= max && cut.length === text.length) return safe;
  return `${characters.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/** A path with the home directory as `~`, as people write it; any other as it is. */
export function tildePath(path: string, home: string): string {
  const base = home.replace(/[\\/]+$/, '');
  if (base === '' || !path.startsWith(base)) return path;
  const rest = path.slice(base.length);
  return rest === '' || /^[\\/]/.test(rest) ? `~${rest}` : path;
}

/** Columns `text` takes in a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function displayWidth(text: string): number {
  if (plainNarrow.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter().segment(text)) width += graphemeWidth(segment);
  return width;
}

/** `text` in at most `width` columns; what is cut ends in `…`. Never splits a character from its marks. */
export function truncateToWidth(text: string, width: number): string {
  if (width <= 0) return '';
  if (displayWidth(text) <= width) return text;
  if (plainNarrow.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter().segment(text)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** `text` filled with spaces to `width` columns; longer text is returned as it is. */
export function padToWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

const plainAscii = /^[\x20-\x7e]*$/;
/** One column per UTF-16 unit: Latin, dashes and dots, arrows, rules and blocks. Spares the segmenter, which loads slowly. */
const plainNarrow = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u2199\u21b3\u2264\u2265\u2500-\u259f]*$/;
/** C0, DEL, C1; Arabic letter mark, bidi marks, embeddings, isolates; line and paragraph separator; interlinear marks. */
const escaped =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]/g;
/** A byte of a file's name that is no UTF-8, as `nameOfBytes` writes it. */
const nameByte = /\0([0-9a-f]{2})/g;
/** Zero-width and other characters without a glyph, tags, fillers, variation selectors. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;
const loneSurrogate = /\p{Surrogate}/gu;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** U+FE0F behind a symbol asks for its coloured form: ordinary in names, and no place to hide anything. */
function keepsEmojiStyle(found: string, at: number, whole: string): boolean {
  return found === '\ufe0f' && /[\p{Extended_Pictographic}#*0-9]$/u.test(whole.slice(Math.max(0, at - 2), at));
}

let cachedSegmenter: Intl.Segmenter | undefined;

/** Made at the first non-ASCII text only: it costs more to make than to use. */
function segmenter(): Intl.Segmenter {
  cachedSegmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return cachedSegmenter;
}

const visible =
  /[^\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}]/u;
const emoji =
  /^(?:\p{Regional_Indicator}{2}|(?!\p{Regional_Indicator})\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[#*0-9]\ufe0f?\u20e3)/u;
/** Marks and half-width voicing signs that stand in a column of their own behind the letter they belong to. */
const ownColumn = /[\p{Spacing_Mark}\uff00-\uffef]/gu;

function graphemeWidth(grapheme: string): number {
  if (emoji.test(grapheme)) return 2;
  const start = grapheme.search(visible);
  if (start === -1) return 0;
  const base = grapheme.codePointAt(start) ?? 0;
  const behind = grapheme.slice(start + (base > 0xffff ? 2 : 1));
  return (isWide(base) ? 2 : 1) + (behind === '' ? 0 : (behind.match(ownColumn)?.length ?? 0));
}

/** Wide and full-width by Unicode 17's EastAsianWidth, without emoji (known by their property) and with unassigned gaps closed. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2630, 0x2637],
  [0x268a, 0x268f],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2fb],
  [0x1d300, 0x1d376],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return code >= 0x1100 && wideRanges.some(([first, last]) => code >= first && code <= last);
}
