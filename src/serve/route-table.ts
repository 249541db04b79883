import type { Tier } from '../report/shown-model.ts';
import type { AccessRoute } from './access.ts';
import type { RouteModule } from './route.ts';

/** A path as the checks see it. */
export interface FoundRoute extends AccessRoute {
  /** With names in place of values: what a log may show. */
  readonly pattern: string;
  readonly kind: 'answer' | 'stream' | 'socket' | 'asset';
}

export interface RouteTable {
  find(path: string): FoundRoute | undefined;
  readonly all: readonly FoundRoute[];
}

/** Paths that are no members: streams, and the page's own files. */
export interface FixedRoute {
  readonly path: string;
  readonly tier: Tier;
  readonly kind: FoundRoute['kind'];
}

/**
 * Every path there is. A route whose tier depends on what is asked with counts by the least it may need; the rest is
 * checked where the query is known.
 */
export function createRouteTable(routes: ReadonlyMap<string, RouteModule>, fixed: readonly FixedRoute[]): RouteTable {
  const members = [...routes.values()].map(
    (route): FoundRoute => ({
      pattern: route.path,
      tier: typeof route.tier === 'function' ? 1 : route.tier,
      isOpen: route.tier === 0,
      kind: 'answer',
    }),
  );
  const others = fixed.map(
    ({ path, tier, kind }): FoundRoute => ({ pattern: path, tier, kind, isOpen: kind === 'asset' }),
  );
  const all = [...members, ...others];
  const exact = new Map(all.filter(({ pattern }) => !pattern.includes('{')).map((route) => [route.pattern, route]));
  const patterns = all
    .filter(({ pattern }) => pattern.includes('{'))
    .map((route) => ({ route, matches: new RegExp(`^${route.pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));
  return {
    all,
    find: (path) => exact.get(path) ?? patterns.find(({ matches }) => matches.test(path))?.route,
  };
}
