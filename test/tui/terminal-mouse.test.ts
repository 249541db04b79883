import { expect, test } from 'vitest';
import { hearsMouse } from '../../src/tui/terminal-mouse.ts';

test.each([
  ['linux', '20.19.0', true],
  ['darwin', '20.19.0', true],
  ['win32', '20.19.5', false],
  ['win32', '22.16.9', false],
  ['win32', '22.17.0', true],
  ['win32', '23.11.1', false],
  ['win32', '24.1.0', false],
  ['win32', '24.2.0', true],
  ['win32', '26.0.0', true],
] as const)('on %s with Node.js %s the mouse can be heard: %s', (platform, version, isHeard) => {
  expect(hearsMouse(platform, version)).toBe(isHeard);
});
