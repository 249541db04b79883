import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Provider } from '../../src/provider.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The provider that CONTRIBUTING.md shows, as the member file it says it is, beside a copy of what it imports. */
export interface ExampleProvider {
  readonly id: string;
  /** Holds `src/`. */
  readonly directory: string;
  readonly file: string;
  remove(): void;
}

/** @throws when the page shows no provider, or more than one */
export function writeExampleProvider(): ExampleProvider {
  const page = readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n\/\/ src\/providers\/([a-z0-9-]+)\.ts\n(.*?)^```$/gms)];
  const [, id, source] = blocks[0] ?? [];
  if (blocks.length !== 1 || id === undefined || source === undefined)
    throw new Error(`CONTRIBUTING.md shows ${blocks.length} providers`);
  const directory = realpathSync.native(mkdtempSync(join(tmpdir(), 'scopeon-example-')));
  symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'), 'junction');
  cpSync(join(repository, 'src'), join(directory, 'src'), { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
  const file = join(directory, 'src', 'providers', `${id}.ts`);
  writeFileSync(file, source);
  return { id, directory, file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export async function loadExampleProvider({ file }: ExampleProvider): Promise<Provider> {
  const module: { default: Provider } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  return module.default;
}
