import { cacheCoverageRatio } from '../cache.ts';
import { sumUsage } from '../insight-turn.ts';
import { defineSignal } from '../signal.ts';

/** The first three turns of a session may well be cold. */
const warmUpTurns = 3;

/** From the fourth main-chain turn on hardly anything came from the cache. */
export default defineSignal({
  title: 'Cold cache',
  of: ({ turns, thresholds, tellsCache }) => {
    const mainChain = turns.filter((turn) => !turn.sidechain);
    const after = mainChain.slice(warmUpTurns);
    const coverage = cacheCoverageRatio(sumUsage(after));
    if (!tellsCache || coverage === undefined || !(coverage * 100 < thresholds.coldCachePct)) return [];
    return [
      {
        severity: 'warning',
        message: `Only ${(coverage * 100).toFixed(1)} % of the prompts came from the cache over ${after.length} turns.`,
        fields: { hit_rate: coverage, turns: mainChain.length },
        evidence: after.map((turn) => turn.id),
      },
    ];
  },
});
