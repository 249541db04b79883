import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { providerCases } from './helpers/cases.ts';
import { writeExampleProvider } from './helpers/example-provider.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const example = writeExampleProvider();
afterAll(() => example.remove());

it('the provider in CONTRIBUTING.md keeps the types', () => {
  const settings = {
    extends: join(repository, 'tsconfig.json'),
    include: [example.file],
    exclude: [],
  };
  writeFileSync(join(example.directory, 'tsconfig.json'), JSON.stringify(settings));
  expect(tool('tsc', ['-p', example.directory])).toBe('');
});

it('the provider in CONTRIBUTING.md has a case of its own, with which the conformance tests run it', () => {
  expect(providerCases().filter((each) => each.provider === example.id)).not.toHaveLength(0);
});

/** Runs one of the project's own tools; what it prints when it finds something. */
function tool(name: string, args: readonly string[]): string {
  try {
    execFileSync(join(repository, 'node_modules', '.bin', name), args, { encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }; // what a process that failed leaves
    return `${stdout}${stderr}` || String(error);
  }
}
