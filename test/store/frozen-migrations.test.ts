import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const directory = new URL('../../src/store/migrations/', import.meta.url);

/**
 * SHA-256 of each step as it went out. A database that ran a step never runs it again, so that what is edited here
 * exists in new databases only. Change the schema by a further step, whose line is added when it is out.
 */
const frozen: Readonly<Record<string, string>> = {
  '0001-first.ts': 'e3aae86fa6a23d9625c0a6aeeb3400812492efff36b1e8913d7c95d6cc488d73',
  '0002-indices.ts': 'af11f7dffe42b3bb8a7ea5f5d1c6515acee67903b70aec67ba040dac70b57097',
  '0003-alerts.ts': 'e81eb8401c32ce2945e6d69b23d4c5f32dd5d3bcfb47c15fdc5187513e5997cb',
  '0004-days.ts': '7a0afba325c3f9e75f60c503d3b52d10e70c874a12ebde538d6a5bdbafd92896',
};

it('no step of the schema was edited, renamed or put in between after it went out', () => {
  const names = readdirSync(directory).sort().slice(0, Object.keys(frozen).length);
  const found = names.map((name) => [name, createHash('sha256').update(textOf(name)).digest('hex')]);
  expect(Object.fromEntries(found)).toEqual(frozen);
});

/** As it is committed, also where Git gives lines other ends. */
function textOf(name: string): string {
  return readFileSync(new URL(name, directory), 'utf8').replaceAll('\r\n', '\n');
}
