import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildAll, hasTmux, openTerminal, type Terminal } from './terminal.ts';

/**
 * Control sequences that Windows Terminal and its console are documented to follow, as are xterm and what descends from it:
 * "Console Virtual Terminal Sequences" of Microsoft, and for synchronized output (1.23.20211) and the clipboard the program's release
 * notes. What stands here is a claim on terminals that cannot run where this is tested; nothing else may be written.
 */
const understood: readonly RegExp[] = [
  /^␛\[\d+;\d+H$/, // to a place
  /^␛\[H$/,
  /^␛\[2?J$/, // erase what is shown
  /^␛\[2K$/, // erase a line
  /^␛\[(?:(?:[0-4]|7|2[2347]|[39][0-7]|4[0-7]|10[0-7]|[34]9|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})(?:;(?!m)|(?=m)))*m$/, // how text looks
  /^␛\[\?(?:7|25|1000|1006|1049|2026)[hl]$/, // wrapping, cursor, clicks, their places, alternate screen, frames at once
  /^␛\]52;c;[A-Za-z0-9+/=]*␇$/, // to the clipboard
];
/** Any, as ECMA-48 builds them; ESC and BEL written as their signs. */
const sequence = /␛(?:\[[0-?]*[ -/]*[@-~]|\][^␇␛]*(?:␇|␛\\)|[P^_X][^␛]*␛\\|[ -/]*[0-~])/g;

describe.skipIf(!hasTmux)('what is written to the terminal', () => {
  let terminal: Terminal | undefined;
  beforeAll(() => buildAll(), 180_000);
  afterEach(() => terminal?.close());

  test.each([
    ['as in Windows Terminal', "WT_SESSION=1 SCOPEON_GENERAL_THEME='cockpit'", /;?38;2;\d+;\d+;\d+m/],
    ['256', "TERM=xterm-256color SCOPEON_GENERAL_THEME='cockpit'", /38;5;\d+m/],
    ['16', 'TERM=xterm', /\[3\dm/],
    ['none', 'NO_COLOR=1', undefined],
  ])(
    'is what terminals of every system follow, colours: %s',
    async (_, variables, colour) => {
      const view = openTerminal();
      terminal = view;
      const recording = join(view.home, 'recording');
      const written = (): string => readFileSync(recording, 'utf8').replaceAll('\u001b', '␛').replaceAll('\u0007', '␇');
      view.appendTurn('shop', { tool: 'Bash' });
      view.appendTurn('site', { model: 'some-model-without-a-price' });
      view.tmux('pipe-pane', '-t', 'view', '-O', `cat > '${recording}'`);
      view.start('start', variables);
      await view.until('the welcome or the first tab', () => /q quit|any key|Enter/.test(view.screen()));
      await view.typeUntil('Escape', 'the first tab', () => /q quit/.test(view.screen()));

      for (const tab of ['2', '3', '4', '5', '6', '7', '1']) {
        const before = view.screen();
        await view.typeUntil(tab, `tab ${tab}`, () => view.screen() !== before);
      }
      for (const [keys, holds] of [
        ['?', (text) => /show or hide this help/.test(text)],
        ['?', (text) => !/show or hide this help/.test(text)],
        ['C-p', (text) => / > ▏/.test(text)],
        ['Escape', (text) => !/ > ▏/.test(text)],
        ['z', (text) => !/\^P all/.test(text)],
        ['Escape', (text) => /\^P all/.test(text)],
        ['c', (text) => /copied/i.test(text)],
      ] as const satisfies readonly (readonly [string, (text: string) => boolean])[]) {
        await view.typeUntil(keys, keys, () => holds(view.screen()));
      }
      view.appendTurn('shop');
      view.tmux('resize-window', '-t', 'view', '-x', '60', '-y', '20');
      await new Promise((done) => setTimeout(done, 1_000));
      const upToHere = written().length;
      await view.typeUntil('q', 'the end', () => /code=0/.test(view.screen()));
      await view.until('all is recorded', () => /code=0/.test(written().slice(upToHere)));

      const shell = written();
      const text = shell.slice(shell.indexOf('␛[?1049h'), shell.lastIndexOf('␛[?1049l') + '␛[?1049l'.length);
      const found = text.match(sequence) ?? [];
      const strange = found.filter((each) => !understood.some((known) => known.test(each)));
      expect([...new Set(strange)]).toEqual([]);
      expect(text.replaceAll(sequence, '')).not.toContain('␛');
      expect(found.length).toBeGreaterThan(300);

      // Everything switched on is off again, the other way round too.
      const modes = new Map<string, string>();
      for (const each of found) {
        const [, mode, to] = /^␛\[\?(\d+)([hl])$/.exec(each) ?? [];
        if (mode !== undefined) modes.set(mode, to as string);
      }
      expect(Object.fromEntries(modes)).toEqual({ 7: 'h', 25: 'h', 1000: 'l', 1006: 'l', 1049: 'l', 2026: 'l' });
      const colours = found.filter((each) => /[[;](?:[349]\d|10\d)[;\d]*m$/.test(each));
      if (colour === undefined) expect(colours).toEqual([]);
      else expect(colours.filter((each) => colour.test(each)).length).toBeGreaterThan(20);
    },
    180_000,
  );
});
