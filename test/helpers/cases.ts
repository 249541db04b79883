import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ProviderCase {
  readonly provider: string;
  readonly name: string;
  /** Directory with a log tree as it would lie in a home directory. */
  readonly home: string;
  /** What the store must say of it. */
  readonly expected: string;
}

const root = fileURLToPath(new URL('../fixtures/providers/', import.meta.url));

/** Every case of every provider, found by scan. */
export function providerCases(): readonly ProviderCase[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((provider) =>
    readdirSync(`${root}${provider}`).map((name) => {
      const directory = `${root}${provider}/${name}`;
      return { provider, name, home: `${directory}/home`, expected: `${directory}/expected.json` };
    }),
  );
}
