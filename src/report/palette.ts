type Paint = (text: string) => string;

/** Colours for text on a terminal. Widths are measured before painting: painted text is only ever put together. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** The sixteen colours of the user's own theme when `colour`, else plain text (NO_COLOR, a pipe, a file). */
export function paletteFor(colour: boolean): Palette {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      colour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
