import type { z } from 'zod';
import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { OptimizerModule } from '../optimizer.ts';
import type { BudgetSettings } from '../report/budget.ts';
import type { StreamClients } from '../report/metric-list.ts';
import type { TextBody } from '../report/prometheus.ts';
import type { Tier } from '../report/shown-model.ts';
import type { Database } from '../store/driver.ts';

/** What a route may use. The store is read-only; nothing here can write. */
export interface RouteDeps {
  readonly db: Database;
  /** Another one with every change of the store. */
  readonly dataVersion: number;
  /** The server's tier: what may be told, not what the route needs. */
  readonly tier: Tier;
  readonly now: number;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly budget: BudgetSettings;
  readonly book: () => PriceBook;
  /** Does the price list that comes with the program name it? */
  readonly isPublicModel: (model: string) => boolean;
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly growth: (model: string) => number | undefined;
  readonly version: string;
  /** All of them, for the description of the API. */
  readonly routes: ReadonlyMap<string, RouteModule>;
  /** UTC ms. */
  readonly startedAt: number;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly streamClients: () => StreamClients;
}

/** One read-only endpoint: GET and HEAD. It returns plain data and knows neither HTTP nor who asks. */
export interface RouteModule<Query extends z.ZodObject = z.ZodObject, Answer = unknown> {
  /** `{name}` stands for one part of the path and is handed over with the query. */
  readonly path: string;
  /** The least tier of the server that answers it; or that of one request, where its query decides. */
  readonly tier: Tier | ((input: z.output<Query>) => Tier);
  readonly summary: string;
  /** What is asked with; unknown parameters are ignored, wrong or repeated ones are 400. Default: nothing. */
  readonly query?: Query;
  /** The shape of the answer, for the published description; absent: `describes` tells what it is. */
  readonly answer?: z.ZodType<Answer>;
  /** Content type of an answer that is no JSON. */
  readonly contentType?: string;
  /** It may take longer than others can wait: it is answered in a thread of its own. Default: false. */
  readonly isLong?: boolean;
  /** @throws RouteError for what the asker can mend */
  handle(deps: RouteDeps, input: z.output<Query>, request: RequestFacts): Answer | TextBody;
}

/** What a route may know of a request beside its query. */
export interface RequestFacts {
  /** The Accept header; empty without one. */
  readonly accept: string;
}

/** Identity; carries the types. */
export function defineRoute<Query extends z.ZodObject, Answer>(
  route: RouteModule<Query, Answer>,
): RouteModule<Query, Answer> {
  return route;
}

export type ErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'tier_too_low'
  | 'host_not_allowed'
  | 'origin_not_allowed'
  | 'not_found'
  | 'no_such_session'
  | 'method_not_allowed'
  | 'rate_limited'
  | 'too_many_clients'
  | 'internal'
  | 'unavailable';

/** An answer that is an error: `{"error", "code"}`. The text names no path, no SQL and nothing from a log. */
export class RouteError extends Error {
  readonly status: number;
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(message);
    this.name = 'RouteError';
    this.status = status;
    this.code = code;
  }
}

/** The refusal of what a higher tier would answer. */
export function tierTooLow(tier: Tier): RouteError {
  return new RouteError(
    403,
    'tier_too_low',
    `This endpoint requires tier ${tier} or higher. Restart with 'scopeon serve --tier ${tier}'`,
  );
}
