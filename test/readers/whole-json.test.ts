import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Batch, Cursor } from '../../src/provider.ts';
import { fields } from '../../src/readers/fields.ts';
import { elements, wholeJson } from '../../src/readers/whole-json.ts';
import { logFile } from '../helpers/log-file.ts';
import { randomFrom } from '../helpers/random.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'scopeon-whole-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Read {
  readonly order: readonly string[];
  readonly documents: readonly unknown[];
  readonly messages: readonly unknown[];
  readonly calls: readonly unknown[];
  readonly skipped: readonly { readonly offset: number; readonly reason: string }[];
  readonly records: number;
  readonly cursor: Cursor | undefined;
  /** Where the cursor stood in each batch but the last. */
  readonly before: readonly number[];
}

function read(content: string | Buffer, from?: Cursor, sizeBytes?: number): Read {
  const order: string[] = [];
  const documents: unknown[] = [];
  const messages: unknown[] = [];
  const calls: unknown[] = [];
  const reader = wholeJson({
    plan: fields({ id: 'text', at: 'number', owner: { name: 'text' } }),
    start: () => null,
    parse: (document) => {
      order.push('document');
      documents.push(document);
    },
    lists: [
      elements('messages', fields({ id: 'text', n: 'number' }), (element) => {
        order.push('message');
        messages.push(element);
      }),
      elements('ledger.calls', fields({ n: 'number' }), (element) => {
        order.push('call');
        calls.push(element);
      }),
    ],
    finish: () => void order.push('finish'),
  });
  const path = join(directory, 'document.json');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  try {
    const file = logFile({ fd, path, sizeBytes: sizeBytes ?? statSync(path).size });
    const batches: Batch[] = [...reader(file, from)];
    return {
      order,
      documents,
      messages,
      calls,
      skipped: batches.flatMap((batch) => batch.skipped),
      records: batches.reduce((sum, batch) => sum + batch.records, 0),
      cursor: batches.at(-1)?.cursor,
      before: batches.slice(0, -1).map((batch) => batch.cursor.offset),
    };
  } finally {
    closeSync(fd);
  }
}

const absent = { id: undefined, at: undefined, owner: undefined };
const pretty = JSON.stringify(
  {
    x: { messages: [{ id: 'CANARY' }], id: 'CANARY' },
    messages: [
      { id: 'a', n: 1, text: 'CANARY "]}' },
      { id: 'b', n: 2 },
    ],
    ledger: { version: 1, calls: [{ n: 7 }], more: {} },
    id: 'doc',
    owner: { name: 'me', other: 'CANARY' },
    at: 17,
  },
  null,
  2,
);

test('the fields of a document come first and the lists in their order, wherever they stand in it', () => {
  const whole = read(pretty);
  expect(whole).toMatchObject({
    order: ['document', 'message', 'message', 'call', 'finish'],
    documents: [{ id: 'doc', at: 17, owner: { name: 'me' } }],
    messages: [
      { id: 'a', n: 1 },
      { id: 'b', n: 2 },
    ],
    calls: [{ n: 7 }],
    skipped: [],
    records: 4,
    cursor: { offset: Buffer.byteLength(pretty), state: null },
  });
  expect(new Set(whole.before)).toEqual(new Set([0]));
});

test('a document cut anywhere gives nothing, and no cursor', () => {
  for (let cut = 0; cut < pretty.length; cut++)
    expect(read(pretty.slice(0, cut)), `cut at ${cut}`).toMatchObject({ order: [], skipped: [], cursor: undefined });
});

test('all of it is read again whatever the cursor says, which moves only at the end', () => {
  const again = read(pretty, { offset: pretty.length, state: null });
  expect(again.messages).toHaveLength(2);
  expect(new Set(again.before)).toEqual(new Set([pretty.length]));
});

test.each<[string, string | Buffer, number]>([
  ['text', 'garbage', 0],
  ['an array', '[{"id":"a"}]', 0],
  ['a number', '17', 0],
  ['a document and another', '{"id":"a"}{"id":"b"}', 10],
  ['a new document over a longer old one', `${'{"id":"a"}'}"x"]}`, 10],
  ['a member without a colon', '{"id" "a"}', 6],
  ['a member without a value', '{"id":,"at":1}', 6],
  ['a comma before the end', '{"id":"a",}', 10],
  ['UTF-16', Buffer.from('{"id":"a"}', 'utf16le'), 1],
  ['a wanted field that is no value', '{"at":tru}', 0],
])('%s is counted as invalid, once', (_, content, offset) => {
  expect(read(content)).toMatchObject({
    order: [],
    skipped: [{ offset, reason: 'invalid' }],
    records: 0,
    cursor: { offset: Buffer.byteLength(content) },
  });
});

test.each<[string, string | Buffer, object]>([
  ['an empty object', '{}', absent],
  ['white space and NULs around it', '\0 \n{"id":"a"}\n\0\0', { ...absent, id: 'a' }],
  ['a byte order mark', '\ufeff{"id":"a"}', { ...absent, id: 'a' }],
  ['a key that is spelt with escapes', String.raw`{"\u0069d":"a"}`, { ...absent, id: 'a' }],
  ['a key that comes twice', '{"id":"a","id":"b"}', { ...absent, id: 'b' }],
  ['keys of the object prototype', '{"__proto__":{"id":"x"},"constructor":[],"id":"a"}', { ...absent, id: 'a' }],
  ['lists that are none', '{"messages":"CANARY","ledger":[{"calls":[{"n":1}]}],"id":"a"}', { ...absent, id: 'a' }],
  ['empty lists', '{"messages":[ ],"ledger":{"calls":[]},"id":"a"}', { ...absent, id: 'a' }],
  ['a list replaced by null', '{"messages":[{"id":"x"}],"messages":null,"id":"a"}', { ...absent, id: 'a' }],
])('%s is read', (_, content, document) => {
  expect(read(content)).toMatchObject({ order: ['document', 'finish'], documents: [document], skipped: [] });
});

test('a broken element is counted and its neighbours are read', () => {
  const content = `{"messages":[{"id":"a"},{"id":bad},17,"x",{"id":"b","deep":${'['.repeat(5000)}${']'.repeat(5000)}}]}`;
  const { messages, skipped, cursor } = read(content);
  expect(messages).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  expect(skipped).toEqual([24, 35, 38].map((offset) => ({ offset, reason: 'invalid' })));
  expect(cursor?.offset).toBe(content.length);
});

test('nothing depends on where a chunk of the file ends', () => {
  const chunk = 1024 * 1024;
  const tricky = String.raw`","n":123456,"é\\":"\\\"\u00e9\n[{","x":[1.5e-3,true,null,{"y":"]"}]},{"id":"last","n":-0.5}],"id":"\"doc\"","at":12345}`;
  const size = Buffer.byteLength(tricky);
  for (let before = 0; before <= size; before++) {
    const start = '{"messages":[{"id":"';
    const content = `${start}${'x'.repeat(chunk - start.length - before)}${tricky}`;
    const { messages, documents, skipped } = read(content);
    expect(skipped).toEqual([]);
    expect(documents).toEqual([{ ...absent, id: '"doc"', at: 12345 }]);
    expect(messages).toEqual([
      { id: 'x'.repeat(1024), n: 123456 },
      { id: 'last', n: -0.5 },
    ]);
  }
});

test('an element over 16 MiB is passed over and counted, one below is read', () => {
  const text = 'x'.repeat(16 * 1024 * 1024 - 100);
  const content = `{"messages":[{"id":"a","text":"${text}"},{"id":"b","text":"${text}${text}\\"${text}"},{"id":"c"}],"id":"doc"}`;
  const { messages, skipped, documents } = read(content);
  expect(messages).toMatchObject([{ id: 'a' }, { id: 'c' }]);
  expect(skipped).toMatchObject([{ reason: 'oversize', offset: content.indexOf('{"id":"b"') }]);
  expect(documents).toMatchObject([{ id: 'doc' }]);
});

test('a document over 512 MiB is passed over and counted', () => {
  const sizeBytes = 512 * 1024 * 1024 + 1;
  expect(read(pretty, undefined, sizeBytes)).toMatchObject({
    order: [],
    skipped: [{ offset: 0, reason: 'oversize' }],
    cursor: { offset: sizeBytes },
  });
});

test('a document that is cut while it is read gives nothing more, and is read again', () => {
  const cut = read(pretty, undefined, pretty.length + 1);
  expect(cut).toMatchObject({ order: ['document', 'message', 'message', 'call', 'finish'] });
  expect(read(pretty.slice(0, -9), undefined, pretty.length)).toMatchObject({
    order: [],
    skipped: [],
    cursor: undefined,
  });
});

test('batches are no larger than what may be read at once', () => {
  const message = { id: 'a', text: 'CANARY'.repeat(1000) };
  const { before, messages } = read(JSON.stringify({ messages: Array.from({ length: 1000 }, () => message) }));
  expect(messages).toHaveLength(1000);
  expect(before.length).toBeGreaterThan(5);
});

test('random documents give what JSON.parse gives', () => {
  const random = randomFrom(7);
  for (let round = 0; round < 300; round++) {
    const made = Array.from({ length: Math.floor(random() * 6) }, (_, n) => ({ id: `m${n}`, n, ...noise(random, 3) }));
    const document = shuffledObject(
      { messages: made, id: 'doc', at: round, ledger: { calls: made, ...noise(random, 2) }, ...noise(random, 3) },
      random,
    );
    const content = JSON.stringify(document, null, random() < 0.5 ? 2 : 0);
    const { messages, calls, documents, skipped } = read(content);
    expect({ messages, calls, documents, skipped }, content).toEqual({
      messages: made.map(({ id, n }) => ({ id, n })),
      calls: made.map(({ n }) => ({ n })),
      documents: [{ id: 'doc', at: round, owner: undefined }],
      skipped: [],
    });
  }
});

/** Members with names and texts of all that matters to a tokenizer. */
function noise(random: () => number, depth: number): Record<string, unknown> {
  const pieces = ['"', '\\', '{', '}', '[', ']', ',', ':', 'messages', 'é', '\n', '😀', ' ', 'id'];
  const text = (): string =>
    Array.from({ length: Math.floor(random() * 8) }, () => pieces[Math.floor(random() * pieces.length)]).join('');
  const value = (): unknown => {
    const kind = random();
    if (kind < 0.4) return text();
    if (kind < 0.5) return random() * 1e9;
    if (kind < 0.6) return random() < 0.5 ? null : true;
    if (kind < 0.8)
      return Array.from({ length: Math.floor(random() * 4) }, () => (depth > 0 ? noise(random, depth - 1) : text()));
    return depth > 0 ? noise(random, depth - 1) : {};
  };
  return Object.fromEntries(Array.from({ length: Math.floor(random() * 4) }, () => [`x${text()}`, value()]));
}

function shuffledObject(object: object, random: () => number): object {
  return Object.fromEntries(
    Object.entries(object)
      .map((entry) => ({ entry, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ entry }) => entry),
  );
}
