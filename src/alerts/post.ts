import { lookup as resolveName } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isMetadataName, judgeAddress } from './address.ts';

export interface PostRequest {
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
  /** UTC ms. */
  readonly now: number;
  /** All of it, in ms. Default: 10 000. */
  readonly totalMs?: number;
}

/** What came of it. An error is a word of ours; nothing of the answer is kept but its status and how long to wait. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterSecs: number | undefined }
  | { readonly kind: 'failed'; readonly error: string }
  /** Its address is none we send to. */
  | { readonly kind: 'refused'; readonly error: string };

const connectMs = 5_000;
const totalMs = 10_000;
const mostRead = 64 * 1024; // 64 KiB
const mostSent = 16 * 1024; // 16 KiB

/**
 * POSTs once: the name is resolved here, judged, and the connection goes to that very address. No redirect is followed, no
 * proxy asked; certificates are checked.
 */
export async function post(options: PostRequest): Promise<PostOutcome> {
  const { url, body } = options;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { kind: 'refused', error: 'scheme not allowed' };
  if (Buffer.byteLength(body) > mostSent) return { kind: 'refused', error: 'body over 16 KiB' };
  const deadline = performance.now() + (options.totalMs ?? totalMs);
  const address = await resolve(url, options.allowPrivate, deadline);
  return typeof address === 'string' ? send(options, address, deadline) : address;
}

async function resolve(url: URL, allowPrivate: boolean, deadline: number): Promise<string | PostOutcome> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isMetadataName(host)) return { kind: 'refused', error: 'address not allowed' };
  const addresses = isIP(host) === 0 ? await namesOf(host, deadline) : [host];
  const [first] = addresses;
  if (first === undefined) return { kind: 'failed', error: 'name not found' };
  // One forbidden address among them is enough: which one is taken must not be up to the answer.
  for (const address of addresses) {
    const verdict = judgeAddress(address);
    if (verdict === 'refused') return { kind: 'refused', error: 'address not allowed' };
    if (verdict === 'private' && !allowPrivate)
      return { kind: 'refused', error: 'private address: set allow_private = true' };
  }
  return first;
}

async function namesOf(host: string, deadline: number): Promise<readonly string[]> {
  const late = new Promise<readonly string[]>((done) => {
    setTimeout(() => done([]), Math.max(0, Math.min(connectMs, deadline - performance.now()))).unref();
  });
  const found = resolveName(host, { all: true, verbatim: true }).then(
    (list) => list.map((each) => each.address),
    () => [],
  );
  return Promise.race([found, late]);
}

function send({ url, body, headers, now }: PostRequest, address: string, deadline: number): Promise<PostOutcome> {
  return new Promise((done) => {
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const family = isIP(address);
    const request = make(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' },
      // The judged address and no other; the name stays for the certificate.
      lookup: (_host, options, callback) => {
        if (typeof options === 'object' && options.all === true) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
    });
    const end = (outcome: PostOutcome): void => {
      clearTimeout(connecting);
      clearTimeout(total);
      request.destroy();
      done(outcome);
    };
    const connecting = setTimeout(() => end({ kind: 'failed', error: 'no connection in time' }), connectMs);
    const total = setTimeout(
      () => end({ kind: 'failed', error: 'no answer in time' }),
      Math.max(0, deadline - performance.now()),
    );
    request.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    });
    request.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'failed', error: errorWord(error) }));
    request.on('response', (response) => drain(response, now, end));
    request.end(body);
  });
}

/** The status counts at once; what follows is read a little, so that the other side can end, and thrown away. */
function drain(response: IncomingMessage, now: number, end: (outcome: PostOutcome) => void): void {
  const status = response.statusCode ?? 0;
  const outcome = {
    kind: 'answered',
    status,
    retryAfterSecs: retryAfter(response.headers['retry-after'], now),
  } as const;
  let read = 0;
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > mostRead) end(outcome);
  });
  response.on('end', () => end(outcome));
  response.on('error', () => end(outcome));
  setTimeout(() => end(outcome), 1_000).unref();
}

/** Seconds, or a date; undefined for anything else. */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.round((at - now) / 1000));
}

function errorWord({ code }: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset',
    ENOTFOUND: 'name not found',
    EHOSTUNREACH: 'host not reachable',
    ENETUNREACH: 'network not reachable',
    ETIMEDOUT: 'no connection in time',
    CERT_HAS_EXPIRED: 'certificate expired',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate not trusted',
    SELF_SIGNED_CERT_IN_CHAIN: 'certificate not trusted',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate not trusted',
    ERR_TLS_CERT_ALTNAME_INVALID: 'certificate of another name',
  };
  return words[code ?? ''] ?? `network error${code === undefined ? '' : ` (${code})`}`;
}
