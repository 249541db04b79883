import { Hono } from 'hono';
import { z } from 'zod';
import type { TextBody } from '../report/prometheus.ts';
import type { Tier } from '../report/shown-model.ts';
import { createAnswerMemory } from './answer-memory.ts';
import type { Aside } from './aside.ts';
import { parseQuery } from './query.ts';
import { type RouteDeps, RouteError, type RouteModule, tierTooLow } from './route.ts';

/** What every request needs and only the server knows. */
export interface AppOptions {
  readonly routes: ReadonlyMap<string, RouteModule>;
  readonly tier: Tier;
  /** Undefined: there is no store to answer from. */
  readonly deps: () => RouteDeps | undefined;
  /** Answers the long ones elsewhere. Default: here. */
  readonly aside?: Pick<Aside, 'ask'>;
  /** An error of ours, with the id its answer carries. */
  readonly onFault: (error: unknown, requestId: string) => void;
  /** A clock that never goes back, in ms. */
  readonly clock: () => number;
}

const nothing = z.object({});

/** The routes as an application: query in, JSON out. Who may ask is checked before it. */
export function createApp({ routes, tier, deps, aside, onFault, clock }: AppOptions): Hono {
  const app = new Hono();
  const memory = createAnswerMemory(clock);
  for (const route of routes.values()) {
    app.get(honoPath(route.path), async (context) => {
      const url = new URL(context.req.url);
      const input = parseQuery(route.query ?? nothing, url.searchParams, context.req.param());
      const needed = typeof route.tier === 'function' ? route.tier(input) : route.tier;
      if (tier < needed) throw tierTooLow(needed);
      const known = deps();
      if (known === undefined) throw unavailable();
      const accept = context.req.header('accept') ?? '';
      if (aside !== undefined && route.isLong === true) {
        const target = `${url.pathname}${url.search}`;
        const requestId = context.req.header('x-request-id') ?? '';
        const answer = await aside.ask({ target, accept, requestId }, context.req.raw.signal);
        return context.body(answer.body, answer.status as 200, { 'Content-Type': answer.contentType }); // as below
      }
      const make = (): TextBody => {
        const answer = route.handle(known, input, { accept });
        return isText(answer) ? answer : { text: JSON.stringify(answer), contentType: jsonType };
      };
      // What is no JSON goes by more than the question and the data.
      const { text, contentType } =
        route.contentType === undefined ? memory.of(`${url.pathname}${url.search}`, known.dataVersion, make) : make();
      return context.body(text, 200, { 'Content-Type': contentType });
    });
  }
  app.notFound((context) => context.body(errorBody('Not found', 'not_found'), 404, { 'Content-Type': jsonType }));
  app.onError((error, context) => {
    if (error instanceof RouteError) {
      return context.body(errorBody(error.message, error.code), error.status as 400, { 'Content-Type': jsonType }); // hono types statuses one by one
    }
    const requestId = context.req.header('x-request-id') ?? '';
    if (!context.req.raw.signal.aborted) onFault(error, requestId); // else nobody is there to be answered
    const body = JSON.stringify({ error: 'Internal error', code: 'internal', request_id: requestId });
    return context.body(body, 500, { 'Content-Type': jsonType });
  });
  return app;
}

export const jsonType = 'application/json; charset=utf-8';

export function errorBody(error: string, code: string): string {
  return JSON.stringify({ error, code });
}

function unavailable(): RouteError {
  return new RouteError(503, 'unavailable', 'Database unavailable. Run: scopeon doctor');
}

/** `/sessions/{id}` as hono writes it. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function isText(answer: unknown): answer is TextBody {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'contentType' in answer &&
    'text' in answer &&
    typeof answer.contentType === 'string' &&
    typeof answer.text === 'string'
  );
}
