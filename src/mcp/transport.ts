import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { createLineReader } from './line-reader.ts';
import { faultOf } from './request-check.ts';

/** Bytes of one message. */
const maxLineBytes = 4 * 1024 * 1024;

/**
 * JSON-RPC, one message a line. What is no message is answered with the protocol's error, and never reaches the server;
 * what has no id is never answered. The next line works whatever the last one was.
 */
export function createStdioTransport(input: Readable, output: Writable): Transport & { readonly ended: Promise<void> } {
  let over = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const write = (message: object): void => void output.write(`${JSON.stringify(message)}\n`);
  const refuse = (code: number, message: string, id: string | number | null = null): void =>
    write({ jsonrpc: '2.0', id, error: { code, message } });
  const reader = createLineReader(maxLineBytes, {
    line: (text) => {
      const read = parse(text);
      if (read === undefined) refuse(-32700, 'Parse error');
      else take(read.value);
    },
    tooLong: () => refuse(-32600, 'Invalid Request: a message has at most 4 MiB'),
  });

  function take(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      refuse(-32600, Array.isArray(value) ? 'Invalid Request: no batches' : 'Invalid Request');
      return;
    }
    const message = value as Readonly<Record<string, unknown>>; // any JSON object
    const { id, method } = message;
    const hasId = Object.hasOwn(message, 'id');
    const isId = typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id));
    if (message.jsonrpc !== '2.0' || (hasId && !isId) || (method !== undefined && typeof method !== 'string')) {
      if (hasId) refuse(-32600, 'Invalid Request', isId ? id : null);
      return;
    }
    const isAnswer = method === undefined && hasId && ('result' in message || 'error' in message);
    if (method === undefined && !isAnswer) {
      if (hasId) refuse(-32600, 'Invalid Request', isId ? id : null);
      return;
    }
    if (message.params !== undefined && (typeof message.params !== 'object' || message.params === null)) {
      if (hasId && !isAnswer) refuse(-32602, 'Invalid params', isId ? id : null);
      return;
    }
    const fault = hasId && method !== undefined ? faultOf({ method, params: message.params }) : undefined;
    if (fault !== undefined) {
      refuse(-32602, `Invalid params: ${fault}`, isId ? id : null);
      return;
    }
    const known = JSONRPCMessageSchema.safeParse(message);
    if (known.success) transport.onmessage?.(known.data);
    else if (hasId && !isAnswer)
      refuse('result' in message || 'error' in message ? -32600 : -32602, 'Invalid Request', isId ? id : null);
  }

  const transport: Transport & { readonly ended: Promise<void> } = {
    ended,
    start: async () => {
      input.on('data', (chunk: Buffer) => reader.push(chunk));
      input.once('end', () => over());
      input.once('close', () => over());
      input.once('error', () => over());
    },
    send: async (message) => {
      if (!output.write(`${JSON.stringify(message)}\n`)) await drained(output, ended);
    },
    close: async () => {
      input.pause();
      over();
      transport.onclose?.();
    },
  };
  return transport;
}

/** A client that does not read holds up its own answers only, and nothing at all once it is gone. */
async function drained(output: Writable, ended: Promise<void>): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => output.once('drain', resolve)), ended]);
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
