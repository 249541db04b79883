import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHouse, type House } from '../helpers/house.ts';

const made = fileURLToPath(new URL('../fixtures/providers/opencode/json-files/home', import.meta.url));

let house: House;
beforeEach(async () => {
  house = await createHouse({ keepTimes: true, env: (home) => ({ XDG_DATA_HOME: join(home, 'data') }) });
});
afterEach(() => house.remove());

it('a message is read again when files of its parts are added', async () => {
  const storage = join('data', 'opencode', 'storage');
  const folder = join(storage, 'part', 'msg_2');
  cpSync(made, house.home, { recursive: true });
  const parts = join(house.home, folder);
  renameSync(parts, `${parts}-apart`);
  expect((await house.read()).tools.map((tool) => tool.name)).toEqual(['edit']);
  for (const name of ['prt_3.json', 'prt_4.json', 'prt_5.json', 'prt_6.json', 'prt_7.json'])
    cpSync(join(`${parts}-apart`, name), join(parts, name));
  const { turns, tools } = await house.read();
  expect(tools.map((tool) => tool.name)).toEqual(['edit', 'bash', 'task', 'skill']);
  expect(turns[0]).toMatchObject({ responses: 2, input: 1300, output: 205, tool_calls: 3 });
});
