import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', '.github/SECURITY.md', 'docs/terminal.md'];
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');

  it('links only to files that are there', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''));
    const missing = targets
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(document), target)));
    expect(missing).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/\bnpm (?:run ([a-z]+)|(start|test))\b/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('is free of marketing and of lists that the program prints itself', () => {
    const words =
      /\b(blazing(ly)?|seamless(ly)?|effortless(ly)?|powerful|cutting-edge|next-generation|game.?chang\w+|revolution\w+|leverag\w+|supercharg\w+|robust|simply|world-class|TODO|FIXME|lorem)\b/gi;
    expect(text.match(words) ?? []).toEqual([]);
    // Two agents may serve as examples; more in one line is a list, and goes out of date.
    const agents = /\b(Claude Code|Codex|Copilot|Gemini CLI|Aider|Cursor|OpenCode|Qwen)\b/g;
    expect(text.split('\n').filter((line) => new Set(line.match(agents) ?? []).size > 2)).toEqual([]);
  });
});

describe('the pictures of the live view', () => {
  const page = readFileSync(join(root, 'docs', 'terminal.md'), 'utf8');
  const pictures = readdirSync(join(root, 'docs', 'terminal'));

  it('show every tab, and each of them is shown', () => {
    const tabs = readdirSync(join(root, 'src', 'tui', 'tabs')).map((file) => file.replace(/\.tsx$/, ''));
    for (const tab of tabs) expect(pictures).toContain(`${tab}.png`);
    for (const picture of pictures) expect(page).toContain(`](terminal/${picture})`);
  });

  it.each(pictures)('%s is a PNG below 200 kB', (picture) => {
    const bytes = readFileSync(join(root, 'docs', 'terminal', picture));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.length).toBeLessThan(200_000);
  });
});

describe('the first screen of the README', () => {
  const firstScreen = readFileSync(join(root, 'README.md'), 'utf8').split('\n## ')[0] ?? '';

  it('has exactly the two commands a fresh clone needs', () => {
    const [, block = ''] = /```sh\n(.*?)```/s.exec(firstScreen) ?? [];
    const commands = block
      .trim()
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim());
    expect(commands).toEqual(['npm start', 'npm test']);
  });
});

describe('the package', () => {
  it('has no script that runs when it is installed', () => {
    expect(['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts)).toEqual([]);
  });
});
