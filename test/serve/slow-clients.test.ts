import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createBroadcast } from '../../src/serve/broadcast.ts';
import { createClientLimit } from '../../src/serve/client-limit.ts';
import { streamEvents } from '../../src/serve/event-stream.ts';
import type { Frame } from '../../src/serve/snapshot.ts';
import { createSockets } from '../../src/serve/sockets.ts';

// Clients that never read, beside one that does, over real sockets; frames are large so that it does not take minutes.

const large = 'x'.repeat(256 * 1024);
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function prepare() {
  let number = 0;
  let made = 0;
  const broadcast = createBroadcast<Frame>({
    changed: () => true,
    make: () => {
      made++;
      const text = `${++number} ${large}`;
      return { type: 'snapshot', snapshot: text, status: text };
    },
    same: () => false,
    failed: (error) => {
      throw error;
    },
    clock: () => performance.now(),
    lookMs: 5,
  });
  const socketLimit = createClientLimit();
  const streamLimit = createClientLimit();
  const sockets = createSockets(broadcast, socketLimit);
  const server: Server = createServer((request, response) =>
    streamEvents(request, response, { broadcast, limit: streamLimit, once: false }),
  );
  server.on('upgrade', (request, socket, head) => sockets.accept(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  ends.push(() => {
    broadcast.close();
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return { port, broadcast, socketLimit, streamLimit, made: () => made };
}

/** Asks and then never reads. */
async function deaf(port: number, lines: readonly string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  ends.push(() => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

const upgrade = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

it('misses frames, is let go when it never reads, and holds nobody up', async () => {
  const { port, socketLimit, streamLimit, made } = await prepare();
  for (let i = 0; i < 4; i++) {
    await deaf(port, upgrade);
    await deaf(port, ['GET / HTTP/1.1', 'Host: localhost']);
  }
  await expect.poll(() => [socketLimit.size, streamLimit.size], { timeout: 20_000 }).toEqual([4, 4]);
  const reader = new WebSocket(`ws://127.0.0.1:${port}/`, ['scopeon.v1']);
  ends.push(() => reader.terminate());
  const numbers: number[] = [];
  reader.on('message', (data) => numbers.push(Number.parseInt(String(data), 10)));
  const before = made();
  await expect.poll(() => numbers.length, { timeout: 20_000 }).toBeGreaterThan(40);
  // Whoever reads gets them in order, and one is made for all nine.
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(numbers.at(-1)).toBeGreaterThan(before);
  expect(numbers.at(-1)).toBeLessThanOrEqual(made());
  // What the others did not take is held up to 1 MiB and a frame each.
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(8 * 8 * 1024 * 1024);
});

it('makes no frame while nobody listens', async () => {
  const { port, broadcast, made } = await prepare();
  const reader = new WebSocket(`ws://127.0.0.1:${port}/`, ['scopeon.v1']);
  await new Promise((resolve) => reader.once('message', resolve));
  reader.terminate();
  await expect.poll(() => broadcast.listeners, { timeout: 20_000 }).toBe(0);
  const count = made();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(made()).toBe(count);
});
