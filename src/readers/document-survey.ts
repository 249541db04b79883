import type { DocumentWindow } from './document-window.ts';

/** Where a value lies in the file, in bytes. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export interface DocumentSurvey {
  /** In the order of the paths; undefined: not there, or no array. */
  readonly lists: readonly (Extent | undefined)[];
  /** The document's own fields by their names. */
  readonly fields: ReadonlyMap<string, Extent>;
}

export interface SurveyWanted {
  /** Keys to each list from the document, outermost first. */
  readonly lists: readonly (readonly string[])[];
  readonly fields: ReadonlySet<string>;
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;

/**
 * Walks through a document once: is it whole, and where is what is wanted of it?
 * @throws DocumentBroken when it is not whole, or no object
 */
export function surveyDocument(window: DocumentWindow, wanted: SurveyWanted): DocumentSurvey {
  const lists: (Extent | undefined)[] = wanted.lists.map(() => undefined);
  const fields = new Map<string, Extent>();

  function members(path: readonly string[]): void {
    window.expect(OPEN_OBJECT);
    if (window.skipIf(CLOSE_OBJECT)) return;
    do {
      const key = window.key();
      if (key === undefined) window.skipValue();
      else member([...path, key]);
    } while (window.separator(CLOSE_OBJECT));
  }

  /** A key that comes twice means its last value, as it does to JSON.parse. */
  function member(path: readonly string[]): void {
    const within = wanted.lists.map((list) => path.every((key, index) => list[index] === key));
    within.forEach((is, index) => {
      if (is) lists[index] = undefined;
    });
    const first = window.peek();
    const start = window.offset;
    if (first === OPEN_OBJECT && within.some((is, index) => is && path.length < (wanted.lists[index]?.length ?? 0))) {
      return members(path);
    }
    window.skipValue();
    const extent = { start, end: window.offset };
    within.forEach((is, index) => {
      if (is && first === OPEN_ARRAY && path.length === wanted.lists[index]?.length) lists[index] = extent;
    });
    const [name] = path;
    if (path.length === 1 && name !== undefined && wanted.fields.has(name)) fields.set(name, extent);
  }

  window.skipPadding();
  members([]);
  window.skipPadding();
  window.expectEnd();
  return { lists, fields };
}
