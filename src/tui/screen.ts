import { Writable } from 'node:stream';

/**
 * The terminal while we have it: an alternate screen that only changed lines are written to. It is handed whole frames;
 * a frame as high as the terminal is fine, nothing flickers, and a slow terminal skips frames.
 */
export interface Screen {
  /** For ink, which only lays out: what it writes goes nowhere. */
  readonly sink: NodeJS.WriteStream;
  /** Takes a whole frame; lines it does not have are empty. */
  paint(frame: readonly string[]): void;
  /** How often a frame was another than the one before. */
  changes(): number;
  size(): Size;
  enter(): void;
  /** Gives the terminal back as it was. Safe to call twice, and at any moment of a process' end. */
  leave(): void;
  /** Writes all of the last frame anew. */
  invalidate(): void;
  /** Clicks and the wheel are told to us from now on, or no more. */
  setMouse(wanted: boolean): void;
  onResize(listener: () => void): () => void;
  /** Passes on what draws nothing. */
  send(sequence: string): void;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Alternate screen, cursor hidden, no wrapping at the right edge: what is too wide is cut, never smeared. */
const enterSequence = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
const leaveSequence = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Terminals that know it show a frame at once; others ignore it. */
const beginFrame = '\u001b[?2026h';
const endFrame = '\u001b[?2026l';

/** Clicks and the wheel, with places beyond column 223 (SGR). */
const mouseOn = '\u001b[?1000h\u001b[?1006h';
const mouseOff = '\u001b[?1006l\u001b[?1000l';

export function createScreen(stdout: NodeJS.WriteStream, options: { readonly mouse: boolean }): Screen {
  let { mouse } = options;
  let isEntered = false;
  let drawn: readonly string[] | undefined;
  let latest: readonly string[] | undefined;
  let isDraining = false;
  let changes = 0;

  const size = (): Size => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });

  function paint(frame: readonly string[]): void {
    latest = frame;
    if (!isEntered || isDraining) return;
    const lines = Array.from({ length: size().rows }, (_, row) => frame[row] ?? '');
    const text = frameUpdate(lines, drawn);
    drawn = lines;
    if (text === '') return;
    changes++;
    if (!stdout.write(`${beginFrame}${text}${endFrame}`)) {
      isDraining = true;
      stdout.once('drain', () => {
        isDraining = false;
        if (latest !== undefined) paint(latest);
      });
    }
  }

  return {
    sink: createSink(size),
    paint,
    changes: () => changes,
    size,
    enter() {
      if (isEntered) return;
      isEntered = true;
      drawn = undefined;
      stdout.write(mouse ? enterSequence + mouseOn : enterSequence);
      if (latest !== undefined) paint(latest);
    },
    leave() {
      if (!isEntered) return;
      isEntered = false;
      stdout.write(mouse ? mouseOff + leaveSequence : leaveSequence);
    },
    send(sequence) {
      if (isEntered) stdout.write(sequence);
    },
    invalidate() {
      drawn = undefined;
      if (latest !== undefined) paint(latest);
    },
    setMouse(wanted) {
      if (wanted !== mouse && isEntered) stdout.write(wanted ? mouseOn : mouseOff);
      mouse = wanted;
    },
    onResize(listener) {
      const resized = (): void => {
        drawn = undefined;
        listener();
      };
      stdout.on('resize', resized);
      return () => void stdout.off('resize', resized);
    },
  };
}

/**
 * What turns the lines on the screen into those wanted; empty when they are the same. `before` absent: nothing is known,
 * every line is written. A line is erased just before it is written: the screen is never blank in between.
 */
export function frameUpdate(lines: readonly string[], before: readonly string[] | undefined): string {
  return lines
    .map((line, row) => (before?.[row] === line ? '' : `\u001b[${row + 1};1H\u001b[0m\u001b[2K${line}`))
    .join('');
}

/** ink asks its output for no more than this. Not called a terminal, so that ink itself writes no control sequence. */
function createSink(size: () => Size): NodeJS.WriteStream {
  const sink = new Writable({
    decodeStrings: false,
    write(_chunk, _encoding, done) {
      done();
    },
  });
  Object.defineProperties(sink, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  });
  return sink as unknown as NodeJS.WriteStream; // ink uses `write`, `on`, `off`, `columns` and `rows`
}
