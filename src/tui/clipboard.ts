/** Terminals take no more than about this many characters; a longer text is not sent at all, rather than a part of it. */
const most = 74_994;

/**
 * What puts a text on the clipboard of the terminal's own machine, also over ssh (OSC 52). Undefined: it is too long. A
 * terminal that does not know it, or does not allow it, ignores it.
 *
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (Operating System Commands, 52)
 */
export function clipboardSequence(text: string): string | undefined {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  return encoded.length > most ? undefined : `\u001b]52;c;${encoded}\u0007`;
}
