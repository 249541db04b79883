import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, jsonType } from './app.ts';
import type { Broadcast } from './broadcast.ts';
import type { ClientLimit } from './client-limit.ts';
import type { Frame } from './snapshot.ts';

const keepAliveMs = 15_000;
/** Comments in a row after which a client that still takes nothing is gone: a minute. Nothing tells that of it as a ping would. */
const mostSkipping = 4;
/** What a client may have unsent before it is passed over, and before it is let go. */
const skipAboveBytes = 1024 * 1024; // 1 MiB
const dropAboveBytes = 4 * 1024 * 1024; // 4 MiB

/** Answers with server-sent events: an unnamed one for each frame, and the same named `status`; `alert` for alerts. */
export function streamEvents(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly broadcast: Broadcast<Frame>; readonly limit: ClientLimit; readonly once: boolean },
): void {
  const leave = options.limit.enter(request.socket.remoteAddress ?? '');
  if (leave === undefined) {
    response.writeHead(503, { 'Content-Type': jsonType });
    response.end(errorBody('Too many clients', 'too_many_clients'));
    return;
  }
  request.socket.setTimeout(0);
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', Connection: 'keep-alive' });
  if (request.method === 'HEAD') {
    leave();
    response.end();
    return;
  }
  response.flushHeaders();
  response.write('retry: 3000\n\n');
  let id = 0;
  let skipped: Frame | undefined;
  let ended = false;
  let stop = (): void => undefined;
  let skipping = 0;
  const keepAlive = setInterval(() => {
    skipping = skipped === undefined ? 0 : skipping + 1;
    if (skipping > mostSkipping) end(true);
    else response.write(': still here\n\n');
  }, keepAliveMs);

  function send(frame: Frame): void {
    const waiting = response.writableLength;
    if (waiting > dropAboveBytes) return end(true);
    // The latest wins: a slow client gets what holds when it is ready again, not everything it missed.
    if (waiting > skipAboveBytes) skipped = frame;
    else response.write(textOf(frame, ++id));
  }

  function end(isSlow: boolean): void {
    if (ended) return;
    ended = true;
    clearInterval(keepAlive);
    stop();
    leave?.();
    if (isSlow) response.destroy();
    else response.end();
  }

  response.on('drain', () => {
    const frame = skipped;
    skipped = undefined;
    if (frame !== undefined) send(frame);
  });
  response.on('close', () => end(false));
  stop = options.broadcast.listen((frame) => {
    if (ended) return;
    send(frame);
    if (options.once) end(false);
  });
  if (ended) stop(); // the first frame was all there was to send
}

function textOf(frame: Frame, id: number): string {
  if (frame.type === 'alert') return `id: ${id}\nevent: alert\ndata: ${frame.alert}\n\n`;
  return `id: ${id}\ndata: ${frame.status}\n\nid: ${id}\nevent: status\ndata: ${frame.status}\n\n`;
}
