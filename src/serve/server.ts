import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ScopeonError } from '../errors.ts';
import { type AccessPolicy, checkOrigin, checkRoute, type Refusal, tooMany } from './access.ts';
import { errorBody, jsonType } from './app.ts';
import { securityHeaders } from './headers.ts';
import { accessRequestOf, createListener, type ListenerOptions, pathOf } from './listener.ts';
import type { Sockets } from './sockets.ts';

export interface ServerOptions extends ListenerOptions {
  /** Addresses to bind; the first must be there, the others where this machine has them. */
  readonly addresses: readonly string[];
  /** 0: whichever is free. */
  readonly port: number;
  readonly sockets: Sockets;
}

export interface RunningServer {
  readonly port: number;
  readonly addresses: readonly string[];
  /** Lets open answers end, closes streams; at most two seconds. */
  close(): Promise<void>;
}

/**
 * Listens on every address with one port.
 * @throws ScopeonError `failure` when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const servers: Server[] = [];
  const bound: string[] = [];
  let port = options.port;
  for (const address of options.addresses) {
    const server = createOne(options);
    try {
      port = await listen(server, address, port);
      servers.push(server);
      bound.push(address);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // No IPv6 on this machine is no fault; a port somebody else has is.
      if (servers.length > 0 && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue;
      for (const other of servers) other.close();
      throw listenError(error, port);
    }
  }
  return {
    port,
    addresses: bound,
    async close() {
      options.sockets.close();
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      for (const server of servers) server.closeIdleConnections();
      const late = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), 1_500);
      await Promise.all(closed);
      clearTimeout(late);
    },
  };
}

function listenError(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new ScopeonError('failure', `Port ${port} is in use. Choose another with --port.`, { cause: error });
  if (code === 'EACCES')
    return new ScopeonError('failure', `Port ${port} may not be used by this user. Choose another with --port.`, {
      cause: error,
    });
  return error;
}

function createOne(options: ServerOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024, // 16 KiB
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
    },
    createListener(options),
  );
  server.maxConnections = 512;
  server.maxHeadersCount = 100;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    upgrade(options, request, socket, head),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
    answerRaw(socket, badRequest(status), undefined);
  });
  return server;
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: address.includes(':') }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // a TCP server's address is never a text
    });
  });
}

/** The same checks as for any request, before the protocol changes. */
function upgrade(options: ServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { policy, table } = options;
  const facts = accessRequestOf(request, true);
  const found = table.find(pathOf(facts.target));
  const began = options.clock();
  // Of an upgrade Node does not ask this itself.
  const isHostless = request.httpVersion === '1.1' && facts.hosts.length === 0;
  const refused = isHostless ? badRequest(400) : refusal(policy, facts, found);
  const log = (status: number): void =>
    options.log({
      requestId: randomUUID(),
      method: facts.method,
      route: found?.pattern,
      status,
      ms: Math.round(options.clock() - began),
      address: facts.address,
    });
  socket.on('error', () => socket.destroy());
  if (refused !== undefined) {
    log(refused.status);
    return answerRaw(socket, refused, refused.code === 'host_not_allowed' ? undefined : facts.hosts[0]);
  }
  (socket as Socket).setTimeout(0);
  const isIn = options.sockets.accept(request, socket, head);
  log(isIn ? 101 : 503);
  if (!isIn) answerRaw(socket, { status: 503, code: 'too_many_clients', error: 'Too many clients' }, facts.hosts[0]);
}

function refusal(
  policy: AccessPolicy,
  facts: ReturnType<typeof accessRequestOf>,
  found: ReturnType<ListenerOptions['table']['find']>,
): Refusal | undefined {
  const refused = checkOrigin(facts, policy);
  if (refused !== undefined) return refused;
  const waitSecs = policy.throttle.asked(facts.address);
  if (waitSecs !== undefined) return tooMany(waitSecs);
  if (found === undefined || found.kind !== 'socket') return { status: 404, code: 'not_found', error: 'Not found' };
  return checkRoute(facts, found, policy);
}

function badRequest(status: number): Refusal {
  return { status, code: 'bad_request', error: STATUS_CODES[status] ?? 'Bad Request' };
}

/** An answer on a bare connection, which is closed behind it. */
function answerRaw(socket: Duplex, refusal: Refusal, host: string | undefined): void {
  const body = errorBody(refusal.error, refusal.code);
  const headers = {
    ...securityHeaders(host, randomUUID()),
    ...refusal.headers,
    'Content-Type': jsonType,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
