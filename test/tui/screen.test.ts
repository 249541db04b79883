import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createScreen, frameUpdate } from '../../src/tui/screen.ts';

describe('a frame update', () => {
  test('writes nothing when nothing changed, and only what changed otherwise', () => {
    expect(frameUpdate(['a', 'b'], ['a', 'b'])).toBe('');
    expect(frameUpdate(['a', 'c'], ['a', 'b'])).toBe('\u001b[2;1H\u001b[0m\u001b[2Kc');
    expect(frameUpdate(['a', ''], ['a', 'b'])).toBe('\u001b[2;1H\u001b[0m\u001b[2K');
  });

  test('writes everything onto a screen of which nothing is known', () => {
    const erased = (row: number): string => `\u001b[${row};1H\u001b[0m\u001b[2K`;
    expect(frameUpdate(['a', '', 'c'], undefined)).toBe(`${erased(1)}a${erased(2)}${erased(3)}c`);
  });
});

/** A terminal that records what it is sent, and may be slow. */
function terminal() {
  const written: string[] = [];
  const state = { isSlow: false };
  const stream = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 3,
    write: (text: string) => {
      written.push(text);
      return !state.isSlow;
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, written, state };
}

describe('the screen', () => {
  test('is entered and given back once, cursor and wrapping included', () => {
    const { stream, written } = terminal();
    const screen = createScreen(stream, { mouse: false });
    screen.leave();
    screen.enter();
    screen.enter();
    screen.leave();
    screen.leave();
    expect(written).toEqual([
      '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H',
      '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l',
    ]);
  });

  test('draws no more lines than there are, and nothing when it is not entered', () => {
    const { stream, written } = terminal();
    const screen = createScreen(stream, { mouse: false });
    screen.paint(['one', 'two', 'three', 'four']);
    expect(written).toEqual([]);
    screen.enter();
    expect(written.at(-1)).toContain('three');
    expect(written.at(-1)).not.toContain('four');
  });

  test('skips frames while the terminal is slow and then draws the last', () => {
    const { stream, written, state } = terminal();
    const screen = createScreen(stream, { mouse: false });
    screen.enter();
    state.isSlow = true;
    for (const frame of ['one', 'two', 'three']) screen.paint([frame]);
    expect(written).toHaveLength(2);
    state.isSlow = false;
    stream.emit('drain');
    expect(written).toHaveLength(3);
    expect(written.at(-1)).toContain('three');
  });

  test('draws all of it after a resize', () => {
    const { stream, written } = terminal();
    const screen = createScreen(stream, { mouse: false });
    let resizes = 0;
    const stop = screen.onResize(() => void resizes++);
    screen.enter();
    screen.paint(['same']);
    stream.emit('resize');
    screen.paint(['same']);
    expect(resizes).toBe(1);
    expect(written.filter((text) => text.includes('same'))).toHaveLength(2);
    screen.invalidate();
    expect(written.filter((text) => text.includes('same'))).toHaveLength(3);
    stop();
    stream.emit('resize');
    expect(resizes).toBe(1);
  });
});
