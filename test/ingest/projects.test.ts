import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHouse, type House } from '../helpers/house.ts';

let house: House;
let code: string;
beforeEach(async () => {
  house = await createHouse();
  code = join(house.home, 'code');
});
afterEach(() => house.remove());

/** A file with its directories. */
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A session that worked in `cwd`. */
function work(session: string, cwd: string): void {
  const row = { type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', cwd, gitBranch: 'main', uuid: session };
  const message = { id: `msg_${session}`, model: 'claude-opus-4-6', usage: { input_tokens: 1, output_tokens: 1 } };
  put(join(house.home, `.claude/projects/-p/${session}.jsonl`), `${JSON.stringify({ ...row, message })}\n`);
}

async function projects(): Promise<Readonly<Record<string, unknown>>> {
  const { sessions } = await house.read();
  return Object.fromEntries(sessions.map((row) => [row.session, row.project]));
}

it('a session belongs to the repository it worked in, linked worktrees and subfolders included', async () => {
  put(join(code, 'shop/.git/HEAD'), 'ref: refs/heads/main\n');
  put(join(code, 'shop/.git/worktrees/pay/gitdir'), `${join(code, 'shop-pay/.git')}\n`);
  put(join(code, 'shop-pay/.git'), `gitdir: ${join(code, 'shop/.git/worktrees/pay')}\n`);
  put(join(code, 'shop/.claude/worktrees/fix/.git'), 'gitdir: ../../../.git/worktrees/fix\n');
  put(join(code, 'shop/packages/web/index.ts'), '');
  put(join(code, 'shop/vendor/lib/.git'), `gitdir: ${join(code, 'shop/.git/modules/lib')}\n`);
  put(join(code, 'bare.git/HEAD'), '');
  put(join(code, 'from-bare/.git'), `gitdir: ${join(code, 'bare.git/worktrees/from-bare')}\n`);
  put(join(code, 'notes/a.md'), '');
  work('root', join(code, 'shop'));
  work('worktree', join(code, 'shop-pay'));
  work('below-worktree', join(code, 'shop-pay/packages/web'));
  work('inner-worktree', join(code, 'shop/.claude/worktrees/fix'));
  work('subfolder', join(code, 'shop/packages/web'));
  work('gone-subfolder', join(code, 'shop/no/longer/there'));
  work('submodule', join(code, 'shop/vendor/lib'));
  work('from-bare', join(code, 'from-bare'));
  work('no-repository', join(code, 'notes'));
  work('nowhere', '/no/such/folder');
  work('windows', 'C:\\Users\\dev\\shop');
  work('network', '//host/share/shop');
  expect(await projects()).toEqual({
    root: 'code/shop',
    worktree: 'code/shop',
    'below-worktree': 'code/shop',
    'inner-worktree': 'code/shop',
    subfolder: 'code/shop',
    'gone-subfolder': 'code/shop',
    submodule: 'code/shop/vendor/lib',
    'from-bare': 'code/bare.git',
    'no-repository': 'code/notes',
    nowhere: '/no/such/folder',
    windows: 'C:\\Users\\dev\\shop',
    network: '//host/share/shop',
  });
});

it('a folder that disappears takes no session along', async () => {
  put(join(code, 'shop/.git/HEAD'), 'ref: refs/heads/main\n');
  work('first', join(code, 'shop/web'));
  await projects();
  rmSync(code, { recursive: true });
  work('second', join(code, 'shop/web'));
  expect(await projects()).toEqual({ first: 'code/shop', second: 'code/shop' });
});

it.each([
  'gitdir: \n',
  'nonsense',
  'gitdir: /',
  `gitdir: ${'/x'.repeat(3000)}`,
  '\u0000',
  'gitdir: ../../../../../../../../etc/worktrees/x\n',
])('a .git file that says %j stops nothing', async (text) => {
  put(join(code, 'odd/.git'), text);
  work('odd', join(code, 'odd'));
  expect(Object.keys(await projects())).toEqual(['odd']);
});
