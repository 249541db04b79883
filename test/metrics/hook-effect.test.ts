import { expect, it } from 'vitest';
import { type HookFacts, hookEffect } from '../../src/metrics/hook-effect.ts';

const hook: HookFacts = { inputDigest: 'aa', success: true, status: null, hookType: 'preToolUse', hasParent: false };

it.each([
  ['equal hashes', hook, { inputDigest: 'aa' }, true, 'pass_through'],
  ['different hashes', hook, { inputDigest: 'bb' }, true, 'modified'],
  ['no hash of the call', hook, { inputDigest: null }, true, 'observed'],
  ['no hash of the hook', { ...hook, inputDigest: null }, { inputDigest: 'aa' }, true, 'observed'],
  ['a call that never started after a failure', { ...hook, success: false }, undefined, true, 'blocked'],
  ['a call that has not started yet', hook, undefined, true, 'observed'],
  ['a status that says blocked', { ...hook, status: 'hook_blocking_error' }, { inputDigest: 'aa' }, true, 'blocked'],
  [
    'a status that says denied',
    { ...hook, status: 'Denied', hookType: 'permissionRequest' },
    undefined,
    false,
    'blocked',
  ],
  ['an error that blocks nothing', { ...hook, status: 'hook_non_blocking_error' }, undefined, false, 'observed'],
  ['success within a call', { ...hook, hasParent: true }, undefined, false, 'pass_through'],
  ['failure within a call', { ...hook, hasParent: true, success: false }, undefined, false, 'observed'],
  ['nothing known', { ...hook, success: null, hookType: null }, undefined, false, 'observed'],
  ['a hook after the call', { ...hook, hookType: 'postToolUse' }, { inputDigest: 'bb' }, true, 'observed'],
  ['BeforeTool', { ...hook, hookType: 'BeforeTool' }, { inputDigest: 'aa' }, true, 'pass_through'],
] as const)('%s', (_, facts, call, isCorrelated, effect) => {
  expect(hookEffect(facts, call, isCorrelated)).toBe(effect);
});
