import { deflateSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ansiPage, darkLook } from '../scripts/ansi-page.ts';
import { smallPng } from '../scripts/small-png.ts';

const look = { ...darkLook, columns: 20 };
const body = (text: string): string => /<div id="screen">(.*)<\/div>$/s.exec(ansiPage(text, look))?.[1] ?? '';

test('a captured screen becomes a row for each line, colours and weights kept', () => {
  expect(body('\u001b[1mone\u001b[0m two\n\n')).toBe(
    '<div><span style="color:#d6dbe3;font-weight:bold">one</span><span style="color:#d6dbe3"> two</span></div><div></div>',
  );
  expect(body('\u001b[31mx\u001b[39my')).toContain(`<span style="color:${darkLook.colours[1]}">x</span>`);
  expect(body('\u001b[96mx')).toContain(darkLook.colours[14]);
  expect(body('\u001b[38;2;1;2;3mx')).toContain('color:rgb(1,2,3)');
  expect(body('\u001b[38;5;196mx')).toContain('color:rgb(255,0,0)');
  expect(body('\u001b[7mx')).toContain(`color:${darkLook.background};background:${darkLook.foreground}`);
  expect(body('\u001b[42mx')).toContain(`background:${darkLook.colours[2]}`);
});

test('a style goes on until it is ended, also over lines; wide characters take two columns; markup is text', () => {
  expect(body('\u001b[2ma\nb')).toBe(
    '<div><span style="color:#d6dbe3;opacity:.58">a</span></div><div><span style="color:#d6dbe3;opacity:.58">b</span></div>',
  );
  expect(body('日<')).toContain('<span class="wide">日</span>&#60;');
});

test('a picture keeps its colours and loses most of its bytes', () => {
  // 2×2 pixels as a browser writes them: red, green, blue, white; the second row tells its difference to the first.
  const rows = Buffer.from([0, 255, 0, 0, 0, 255, 0, 2, 1, 0, 255, 255, 0, 255]);
  const small = smallPng(pngOf(2, 2, rows));
  const palette = small.indexOf('PLTE');
  const data = small.indexOf('IDAT');
  const colours = small.subarray(palette + 4, palette + 4 + small.readUInt32BE(palette - 4));
  const indices = inflateSync(small.subarray(data + 4, data + 4 + small.readUInt32BE(data - 4)));
  const pixel = (at: number): string =>
    colours.subarray((indices[at] ?? 0) * 3, (indices[at] ?? 0) * 3 + 3).toString('hex');
  expect([pixel(1), pixel(2), pixel(4), pixel(5)]).toEqual(['ff0000', '00ff00', '0000ff', 'ffffff']);
});

function pngOf(width: number, height: number, rows: Buffer): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)]);
  };
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0]);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
