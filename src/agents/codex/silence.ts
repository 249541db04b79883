/** The names in a text, white space between them. */
export function setOf(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/));
}
