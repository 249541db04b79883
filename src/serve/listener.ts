import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import {
  type AccessPolicy,
  type AccessRequest,
  checkOrigin,
  checkRoute,
  corsOrigin,
  type Refusal,
  tooMany,
} from './access.ts';
import { errorBody, jsonType } from './app.ts';
import { securityHeaders } from './headers.ts';
import type { RouteTable } from './route-table.ts';

/** What a request turned out to be, for the log: no value it was asked with stands in it. */
export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  /** The route's pattern; undefined: none. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
  readonly address: string;
}

export interface ListenerOptions {
  readonly policy: AccessPolicy;
  readonly table: RouteTable;
  readonly app: Hono;
  /** Answers the routes that are no single answer; called after every check. */
  readonly stream: (request: IncomingMessage, response: ServerResponse, path: string) => void;
  readonly asset: (path: string, response: ServerResponse, isHead: boolean) => void;
  readonly log: (record: RequestRecord) => void;
  /** A clock that never goes back, in ms. */
  readonly clock: () => number;
}

/** Answers requests: the checks in their order, then the route. */
export function createListener(options: ListenerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { policy, table, app } = options;
  const answer = getRequestListener((request) => app.fetch(request), { overrideGlobalObjects: false });
  return (request, response) => {
    const began = options.clock();
    const requestId = randomUUID();
    const facts = accessRequestOf(request, false);
    const path = pathOf(facts.target);
    const found = table.find(path);
    response.on('close', () =>
      options.log({
        requestId,
        method: facts.method,
        route: found?.pattern,
        status: response.statusCode,
        ms: Math.round(options.clock() - began),
        address: facts.address,
      }),
    );
    const refused = check(facts, found);
    const host = refused?.code === 'host_not_allowed' ? undefined : facts.hosts[0];
    setHeaders(response, host, requestId, corsOrigin(facts, policy));
    // A body is never read: whatever follows it on this connection would be.
    if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined)
      response.setHeader('Connection', 'close');
    if (refused !== undefined) return refuse(response, refused, facts.method === 'HEAD');
    if (facts.method === 'OPTIONS') return preflight(response);
    if (found?.kind === 'asset') return options.asset(path, response, facts.method === 'HEAD');
    if (found?.kind === 'stream') return options.stream(request, response, path);
    request.headers['x-request-id'] = requestId;
    void answer(request, response);
  };

  function check(facts: AccessRequest, found: ReturnType<RouteTable['find']>): Refusal | undefined {
    const refused = checkOrigin(facts, policy);
    if (refused !== undefined) return refused;
    const waitSecs = policy.throttle.asked(facts.address);
    if (waitSecs !== undefined) return tooMany(waitSecs);
    if (facts.method === 'OPTIONS') return undefined;
    if (found === undefined) return { status: 404, code: 'not_found', error: 'Not found' };
    return checkRoute(facts, found, policy);
  }
}

/** What the checks look at, of a request or an upgrade. */
export function accessRequestOf(request: IncomingMessage, isUpgrade: boolean): AccessRequest {
  const hosts: string[] = [];
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'host') hosts.push(rawHeaders[i + 1] ?? '');
  }
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    hosts,
    headers: request.headers,
    address: request.socket.remoteAddress ?? '',
    isUpgrade,
  };
}

/** The path of a target, in either form; what cannot be one is a path no route has. */
export function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

function setHeaders(
  response: ServerResponse,
  host: string | undefined,
  requestId: string,
  foreignOrigin: string | undefined,
): void {
  for (const [name, value] of Object.entries(securityHeaders(host, requestId))) response.setHeader(name, value);
  if (foreignOrigin !== undefined) response.setHeader('Access-Control-Allow-Origin', foreignOrigin);
}

function refuse(response: ServerResponse, refusal: Refusal, isHead: boolean): void {
  const body = errorBody(refusal.error, refusal.code);
  response.writeHead(refusal.status, {
    'Content-Type': jsonType,
    'Content-Length': Buffer.byteLength(body),
    ...refusal.headers,
  });
  response.end(isHead ? undefined : body);
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': 'x-scopeon-token, authorization, content-type',
    'Access-Control-Max-Age': '600',
  });
  response.end();
}
