import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomFrom } from './random.ts';

/** What a made rollout must sum up to. */
export interface RolloutSums {
  readonly turns: number;
  readonly input: number;
  readonly cacheRead: number;
  readonly output: number;
  readonly prompts: number;
  readonly tools: number;
}

const text = 'const total = rows.reduce((sum, row) => sum + row.size, 0); // "quoted" \\ and\n\tindented\n'.repeat(700);
const thread = '019d7d08-46c9-7f73-affe-4e6ca9852d56';

/**
 * One rollout of Codex 0.118 of about this many bytes, always the same: prompts of some thirty responses, each with a
 * call and outputs of up to 60 KB, the same sums told again at the start of each prompt, a compaction with the whole
 * history now and then. Written piece by piece through `put`, compressed or not.
 */
export function writeRollout(put: (bytes: Buffer) => void, wantedBytes: number): RolloutSums {
  const random = randomFrom(7);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const total = {
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    reasoning_output_tokens: 0,
    total_tokens: 0,
  };
  let last = { ...total };
  let at = Date.UTC(2026, 3, 11);
  let bytes = 0;
  const sums = { turns: 0, prompts: 0, tools: 0 };
  const line = (type: string, payload: object): void => {
    at += upTo(900);
    const row = Buffer.from(`${JSON.stringify({ timestamp: new Date(at).toISOString(), type, payload })}\n`);
    bytes += row.length;
    put(row);
  };
  const tokens = (): void =>
    line('event_msg', {
      type: 'token_count',
      info: { total_token_usage: total, last_token_usage: last, model_context_window: 258_400 },
      rate_limits: {
        limit_id: 'codex',
        primary: { used_percent: upTo(100), window_minutes: 300, resets_at: 1 },
        secondary: null,
      },
    });
  line('session_meta', {
    id: thread,
    cwd: '/srv/shop',
    cli_version: '0.118.0',
    source: 'cli',
    base_instructions: { text: text.slice(0, 20_000) },
  });
  for (let turn = 0; bytes < wantedBytes; turn++) {
    if (turn % 30 === 0) {
      sums.prompts++;
      const id = `019d7d08-f1d2-78a1-ae52-${turn.toString(16).padStart(12, '0')}`;
      line('event_msg', { type: 'task_started', turn_id: id, model_context_window: 258_400 });
      line('turn_context', { turn_id: id, cwd: '/srv/shop', model: 'gpt-5.4', approval_policy: 'never' });
      line('event_msg', { type: 'user_message', message: text.slice(0, upTo(2_000)) });
      if (turn > 0) tokens();
    }
    if (turn % 400 === 399) {
      line('compacted', { message: '', replacement_history: Array.from({ length: 20 }, () => ({ text })) });
      line('event_msg', { type: 'context_compacted' });
    }
    line('response_item', { type: 'reasoning', summary: [], encrypted_content: text.slice(0, upTo(6_000)) });
    const call = `call_${turn}`;
    line('response_item', {
      type: 'function_call',
      name: 'exec_command',
      arguments: text.slice(0, upTo(1_500)),
      call_id: call,
    });
    last = {
      input_tokens: 20_000 + upTo(150_000),
      cached_input_tokens: upTo(20_000),
      output_tokens: 1 + upTo(900),
      reasoning_output_tokens: 1,
      total_tokens: 0,
    };
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += last[name];
    sums.turns++;
    sums.tools++;
    tokens();
    const output = text.slice(0, upTo(30_000));
    line('event_msg', {
      type: 'exec_command_end',
      call_id: call,
      stdout: output,
      aggregated_output: output,
      exit_code: 0,
      duration: { secs: 1, nanos: 0 },
    });
    line('response_item', { type: 'function_call_output', call_id: call, output });
  }
  const { input_tokens: input, cached_input_tokens: cacheRead, output_tokens: output } = total;
  return { ...sums, input: input - cacheRead, cacheRead, output };
}

/** Hands what `write` puts to a new file; `frame` makes of it one Zstandard frame that stores it as it is. */
export function intoFile<T>(path: string, isCompressed: boolean, write: (put: (bytes: Buffer) => void) => T): T {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'w');
  try {
    if (!isCompressed) return write((bytes) => void writeSync(fd, bytes));
    writeSync(fd, storeHeader);
    const result = write((bytes) => {
      for (const block of storeBlocks(bytes, false)) writeSync(fd, block);
    });
    for (const block of storeBlocks(Buffer.alloc(0), true)) writeSync(fd, block);
    return result;
  } finally {
    closeSync(fd);
  }
}

/** A window of 128 KiB and no checksum. */
const storeHeader = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
const storeBlock = 100_000;

/** A Zstandard frame that stores these bytes as they are. */
export function storedFrame(bytes: Buffer): Buffer {
  return Buffer.concat([storeHeader, ...storeBlocks(bytes, true)]);
}

function* storeBlocks(bytes: Buffer, isLast: boolean): Generator<Buffer> {
  for (let from = 0; from < bytes.length || (isLast && from === 0); from += storeBlock) {
    const part = bytes.subarray(from, from + storeBlock);
    const header = (part.length << 3) | (isLast && from + storeBlock >= bytes.length ? 1 : 0);
    yield Buffer.from([header & 255, (header >> 8) & 255, header >> 16]);
    yield part;
  }
}
