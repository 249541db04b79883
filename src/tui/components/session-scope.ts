import type { SessionScope } from './session-order.ts';

export const everySession: SessionScope = { provider: undefined, model: undefined };

type Pairs = readonly { readonly provider: string; readonly model: string | null }[];

/** The next provider, or the next model of what is left, and at the ends all of them again. */
export function stepScope(scope: SessionScope, of: 'provider' | 'model', by: 1 | -1, known: Pairs): SessionScope {
  const inScope = of === 'provider' ? known : known.filter(({ provider }) => isOf(scope, provider));
  const names = [...new Set(inScope.flatMap((pair) => pair[of] ?? []))].sort();
  const ring: readonly (string | undefined)[] = [undefined, ...names];
  const to = ring[(ring.indexOf(scope[of]) + by + ring.length) % ring.length];
  if (of === 'model') return { ...scope, model: to };
  const next = { ...scope, provider: to };
  const isThere = known.some(({ provider, model }) => isOf(next, provider) && model === scope.model);
  return isThere ? next : { ...next, model: undefined };
}

function isOf(scope: SessionScope, provider: string): boolean {
  return scope.provider === undefined || scope.provider === provider;
}
