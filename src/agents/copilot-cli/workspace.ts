import { readSync } from 'node:fs';
import type { Batch, LogFile } from '../../provider.ts';
import { timeOf } from '../../readers/values.ts';

/** The few lines beside a session's log: where it works. A line without its end may be half a path. */
export function* readWorkspace(file: LogFile): Generator<Batch, void> {
  const bytes = Buffer.alloc(Math.min(file.sizeBytes, 64 * 1024)); // 64 KiB
  readSync(file.fd, bytes, 0, bytes.length, 0);
  const [, session = ''] = file.relativePath.split('/');
  const text = bytes.toString('utf8');
  const lines = text.split('\n').slice(0, -1);
  const valueAt = (key: string): string | undefined => plainScalar(lines.find((line) => line.startsWith(`${key}: `)));
  const cursor = { offset: file.sizeBytes, state: null };
  const facts = {
    cwd: valueAt('git_root') ?? valueAt('cwd'),
    branch: valueAt('branch'),
    at: timeOf(valueAt('created_at')),
  };
  const isEmpty = Object.values(facts).every((value) => value === undefined);
  const events = isEmpty ? [] : [{ kind: 'session', session, ...facts, rank: 'progress' } as const];
  const isMapping = /^\s*($|#|\{\}|[\w-]+(:|$))/.test(text);
  yield { events, skipped: isMapping ? [] : [{ offset: 0, reason: 'invalid' }], records: 1, cursor };
}

/** The value of `key: value`, quoted or not. Anything else of YAML is left alone. */
function plainScalar(line: string | undefined): string | undefined {
  const text = line?.slice(line.indexOf(': ') + 2).trim() ?? '';
  if (text.startsWith("'") && text.endsWith("'") && text.length > 1) return text.slice(1, -1).replaceAll("''", "'");
  if (!text.startsWith('"')) return text === '' || /^[[{&*!|>%@`]|^(null|~)$/.test(text) ? undefined : text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
