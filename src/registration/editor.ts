/** Edits one server's entry in a client's file; everything else stays as it is, to the byte. Each throws RangeError with why the file cannot be edited. */
export interface EntryEditor {
  /** The entry; undefined: there is none. */
  read(text: string, key: string, name: string): unknown;
  set(text: string, key: string, name: string, entry: Readonly<Record<string, unknown>>): string;
  remove(text: string, key: string, name: string): string;
}
