import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Broadcast } from './broadcast.ts';
import type { ClientLimit } from './client-limit.ts';
import type { Frame } from './snapshot.ts';

/** The only protocol we speak; a token comes as another one beside it. */
const protocol = 'scopeon.v1';
const pingMs = 30_000;
const mostMessagesPerSecond = 10;
const largestMessage = 4 * 1024; // 4 KiB
const skipAboveBytes = 1024 * 1024; // 1 MiB
const dropAboveBytes = 4 * 1024 * 1024; // 4 MiB

/** WebSocket clients: they hear frames and have nothing to say. */
export interface Sockets {
  /** Takes over a connection whose upgrade was let in; false: there is no place left, and nothing was done. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Says goodbye to all (1001: going away). */
  close(): void;
}

export function createSockets(broadcast: Broadcast<Frame>, limit: ClientLimit): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
    clientTracking: true,
    // The token's protocol is never answered with.
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  return {
    accept(request, socket, head) {
      const leave = limit.enter(request.socket.remoteAddress ?? '');
      if (leave === undefined) return false;
      socket.once('close', leave);
      server.handleUpgrade(request, socket, head, (client) => serve(client, broadcast));
      return true;
    },
    close() {
      for (const client of server.clients) {
        client.close(1001);
        setTimeout(() => client.terminate(), 500).unref();
      }
      server.close();
    },
  };
}

function serve(client: WebSocket, broadcast: Broadcast<Frame>): void {
  const stop = broadcast.listen((frame) => send(client, frame));
  let isAlive = true;
  client.on('pong', () => (isAlive = true));
  const ping = setInterval(() => {
    if (!isAlive) return client.terminate();
    isAlive = false;
    client.ping();
  }, pingMs);
  let messages = 0;
  const second = setInterval(() => (messages = 0), 1_000);
  client.on('message', () => {
    if (++messages > mostMessagesPerSecond) client.close(1008);
  });
  client.on('error', () => {}); // too large a message, a reset: `close` follows and cleans up
  client.on('close', () => {
    stop();
    clearInterval(ping);
    clearInterval(second);
  });
}

/** A client that does not keep up misses frames; one that does not read at all is let go. */
function send(client: WebSocket, frame: Frame): void {
  if (client.readyState !== client.OPEN) return;
  if (client.bufferedAmount > dropAboveBytes) return client.terminate();
  if (client.bufferedAmount > skipAboveBytes) return;
  client.send(frame.type === 'alert' ? frame.alert : frame.snapshot);
}
