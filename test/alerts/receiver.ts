import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request a receiver got. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server on loopback that takes alerts. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How the next ones are answered; a function may keep the connection to itself. */
  answer: Answer;
  /** Resolves when so many have come. */
  count(wanted: number, withinMs?: number): Promise<void>;
  close(): Promise<void>;
}

export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'never'
  | 'endless';

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const receiver: Receiver = {
    url: '',
    received,
    answer: { status: 200 },
    async count(wanted, withinMs = 5_000) {
      const end = performance.now() + withinMs;
      while (received.length < wanted && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push({ method: request.method, path: request.url, headers: request.headers, body });
      const { answer } = receiver;
      if (answer === 'never') return;
      if (answer === 'endless') {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'.repeat(8_192)), 5);
        response.on('close', () => clearInterval(timer));
        return;
      }
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}/hook/SECRETPATH` });
}
