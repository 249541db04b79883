import type { Tier } from '../report/shown-model.ts';
import { type ErrorCode, tierTooLow } from './route.ts';
import type { Secret } from './secret.ts';
import type { Throttle } from './throttle.ts';

/** What a server lets in. */
export interface AccessPolicy {
  readonly tier: Tier;
  /** Names a request may ask for, lower case, without a port; IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** The port it listens on. */
  readonly port: () => number;
  /** Foreign origins let in, exactly as a browser sends them. */
  readonly origins: ReadonlySet<string>;
  readonly secret: Secret | undefined;
  readonly throttle: Throttle;
}

/** What the checks look at. Header names in lower case; `hosts`: every Host header there was. */
export interface AccessRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly hosts: readonly string[];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly address: string;
  readonly isUpgrade: boolean;
}

/** What of a route the checks need to know. */
export interface AccessRoute {
  readonly tier: Tier;
  /** Static files and the health line: no tier, no token. */
  readonly isOpen: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const methods = 'GET, HEAD, OPTIONS';
/** In bytes. */
const longestTarget = 2_048;

/** Checks that come before the route is known, in their order. Undefined: let in so far. */
export function checkOrigin(request: AccessRequest, policy: AccessPolicy): Refusal | undefined {
  if (Buffer.byteLength(request.target) > longestTarget)
    return { status: 414, code: 'bad_request', error: 'The address is longer than 2048 bytes' };
  const [host] = request.hosts;
  if (host === undefined || request.hosts.length !== 1 || !isAllowedHost(host, request.target, policy)) {
    return { status: 403, code: 'host_not_allowed', error: 'Host header not allowed' };
  }
  if (!isAllowedOrigin(request, policy) || !isAllowedSite(request, policy)) {
    return { status: 403, code: 'origin_not_allowed', error: 'Origin not allowed' };
  }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (request.method === 'OPTIONS' && isForeignLetIn(request, policy)) return undefined;
  return {
    status: 405,
    code: 'method_not_allowed',
    error: `Method not allowed. Use one of: ${methods}`,
    headers: { Allow: methods },
  };
}

/** Checks of a known route: tier, lock-out, token. Undefined: let in. */
export function checkRoute(request: AccessRequest, route: AccessRoute, policy: AccessPolicy): Refusal | undefined {
  const { tier, secret, throttle } = policy;
  if (route.isOpen) return undefined;
  if (tier < route.tier) {
    const { status, code, message } = tierTooLow(route.tier);
    return { status, code, error: message };
  }
  const waitSecs = throttle.locked(request.address);
  if (waitSecs !== undefined) return tooMany(waitSecs);
  if (secret === undefined || secret.matches(tokenOf(request))) return undefined;
  throttle.failed(request.address);
  return {
    status: 401,
    code: 'unauthorized',
    error:
      "Missing or invalid x-scopeon-token header. Supply the token configured with 'scopeon serve --secret <token>'.",
    headers: { 'WWW-Authenticate': 'Bearer' },
  };
}

export function tooMany(waitSecs: number): Refusal {
  return {
    status: 429,
    code: 'rate_limited',
    error: `Too many requests. Try again in ${waitSecs} seconds.`,
    headers: { 'Retry-After': String(waitSecs) },
  };
}

/** The origin to name in the answer: only one that was let in by name. */
export function corsOrigin(request: AccessRequest, policy: AccessPolicy): string | undefined {
  const origin = single(request.headers.origin);
  return origin !== undefined && policy.origins.has(origin) ? origin : undefined;
}

/** The subprotocol in which a browser, that can set no header there, hands over its token. */
const tokenProtocol = 'scopeon.token.';

function tokenOf({ headers, isUpgrade }: AccessRequest): string | undefined {
  const own = single(headers['x-scopeon-token']);
  if (own !== undefined) return own;
  const bearer = /^Bearer ([!-~]+)$/i.exec(single(headers.authorization) ?? '')?.[1];
  if (bearer !== undefined || !isUpgrade) return bearer;
  const offered = (single(headers['sec-websocket-protocol']) ?? '').split(',').map((name) => name.trim());
  const encoded = offered.find((name) => name.startsWith(tokenProtocol))?.slice(tokenProtocol.length);
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString('utf8');
}

function isAllowedHost(host: string, target: string, { hosts }: AccessPolicy): boolean {
  const name = hostNameOf(host);
  if (name === undefined || !hosts.has(name)) return false;
  if (target.startsWith('/')) return true;
  // The absolute form names a host too: it must be the same.
  try {
    return new URL(target).host.toLowerCase() === host.toLowerCase();
  } catch {
    return false;
  }
}

/** The name of a Host header without its port, lower case; undefined for anything that is no plain host. */
function hostNameOf(host: string): string | undefined {
  if (!/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.test(host)) return undefined;
  try {
    return new URL(`http://${host}`).hostname.toLowerCase();
  } catch {
    return undefined;
  }
}

function isAllowedOrigin(request: AccessRequest, policy: AccessPolicy): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (typeof origin !== 'string') return false;
  if (policy.origins.has(origin)) return true;
  return [...policy.hosts].some((host) => origin === originOf(host, policy.port()));
}

/** As browsers write it: port 80 is not named. */
function originOf(host: string, port: number): string {
  return port === 80 ? `http://${host}` : `http://${host}:${port}`;
}

function isAllowedSite(request: AccessRequest, policy: AccessPolicy): boolean {
  const site = single(request.headers['sec-fetch-site']);
  if (site !== 'cross-site' && site !== 'same-site') return true;
  if (isForeignLetIn(request, policy)) return true;
  // A link to the page from elsewhere: it opens a document, reads nothing, and the page asks by itself.
  return (
    request.target === '/' &&
    single(request.headers['sec-fetch-mode']) === 'navigate' &&
    single(request.headers['sec-fetch-dest']) === 'document'
  );
}

function isForeignLetIn(request: AccessRequest, policy: AccessPolicy): boolean {
  return corsOrigin(request, policy) !== undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
