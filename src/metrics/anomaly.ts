import { type CacheUsage, cacheCoverageRatio } from './cache.ts';
import { median } from './stats.ts';

/** What stands out about a session. */
export interface AnomalyFlags {
  /** Dearer than twice the median session of the last 90 days. */
  readonly isExpensive: boolean;
  /** More than five MCP calls a turn. */
  readonly isToolHeavy: boolean;
  /** Cache coverage below 10 % over more than five turns. */
  readonly isCacheCold: boolean;
}

export interface AnomalyFacts {
  readonly turns: number;
  readonly mcpCalls: number;
  readonly usage: CacheUsage;
  /** Undefined: unpriced. */
  readonly costNanoUsd: number | undefined;
  /** Does this agent's log tell what the cache served? */
  readonly tellsCache: boolean;
}

/** Priced sessions of the last 90 days below which none is called dear. */
const fewestSessions = 10;

/** `costsNanoUsd`: of the priced sessions of the last 90 days. */
export function usualSessionCost(costsNanoUsd: readonly number[]): number | undefined {
  return costsNanoUsd.length < fewestSessions ? undefined : median(costsNanoUsd);
}

/** Anomalous is a session with at least one of them; a compaction alone makes none. */
export function anomalyFlags(session: AnomalyFacts, usualCostNanoUsd: number | undefined): AnomalyFlags {
  const coverage = cacheCoverageRatio(session.usage);
  return {
    isExpensive:
      usualCostNanoUsd !== undefined && session.costNanoUsd !== undefined && session.costNanoUsd > 2 * usualCostNanoUsd,
    isToolHeavy: session.turns > 0 && session.mcpCalls / session.turns > 5,
    isCacheCold: session.tellsCache && session.turns > 5 && coverage !== undefined && coverage < 0.1,
  };
}

export function isAnomalous(flags: AnomalyFlags): boolean {
  return flags.isExpensive || flags.isToolHeavy || flags.isCacheCold;
}
