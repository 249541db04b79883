import { Writable } from 'node:stream';
import { render } from 'ink';
import { expect, test } from 'vitest';
import { BoardContext, createBoard } from '../../src/tui/components/board.ts';
import { Lines } from '../../src/tui/components/lines.tsx';
import { inkOptions } from '../../src/tui/run.tsx';

test('ink places what is painted, and makes no frame of its own', async () => {
  const written: string[] = [];
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  const stdout = Object.assign(sink, { columns: 120, rows: 40 }) as unknown as NodeJS.WriteStream; // ink asks for no more
  let frame: readonly string[] = [];
  const app = render(
    <BoardContext value={createBoard((lines) => void (frame = lines))}>
      <Lines lines={['one']} width={120} height={20} />
      <Lines lines={['two']} width={120} height={20} />
    </BoardContext>,
    { ...inkOptions, stdout },
  );
  for (let at = 0; at < 500 && frame.length < 40; at++) await new Promise((done) => setTimeout(done, 10));
  expect(frame.map((line, row) => [row, line]).filter(([, line]) => line !== '')).toEqual([
    [0, 'one'],
    [20, 'two'],
  ]);
  expect(written.join('')).toBe('');
  app.unmount();
});
