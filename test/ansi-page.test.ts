import { expect, test } from 'vitest';
import { ansiPage, darkLook } from '../scripts/ansi-page.ts';

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
