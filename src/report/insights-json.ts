import type { Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import { shadowPrice } from '../metrics/shadow-price.ts';
import type { Signal } from '../metrics/signal.ts';
import type { Suggestion } from '../metrics/suggestion.ts';
import { isoOf } from './build.ts';
import { usdOf } from './figures.ts';
import type { Insights } from './insights.ts';
import type { InsightsJson } from './shape.ts';

/** Models a session is compared with: what it would have cost there. */
const shadowModels = ['claude-haiku-4-5', 'claude-sonnet-4-5'];
/** Regressions told one by one, the newest. */
const mostRegressions = 20;

/** Insights under their public names; amounts in USD, unknown null. */
export function insightsJson(
  insights: Insights,
  options: { readonly zone: Zone; readonly now: number; readonly asOf: number | null; readonly book: () => PriceBook },
): InsightsJson {
  const { session, spending, anomaly, thresholds } = insights;
  return {
    schema_version: 1,
    timezone: options.zone.name,
    generated_at: new Date(options.now).toISOString(),
    as_of: isoOf(options.asOf),
    subject: insights.isToday ? 'today' : 'session',
    session:
      session === undefined
        ? null
        : {
            id: session.id,
            provider: session.provider,
            project: session.project,
            model: session.model,
            last_turn_at: isoOf(insights.turns.at(-1)?.at ?? null),
            stale: insights.stale,
          },
    context: contextJson(insights),
    health: insights.health ?? null,
    waste_score: insights.wasteScore,
    waste_signals: insights.signals.map(signalJson),
    thresholds: {
      cold_cache_pct: thresholds.coldCachePct,
      thinking_ratio_warn: thresholds.thinkingRatioWarn,
      thinking_ratio_critical: thresholds.thinkingRatioCritical,
      context_bloat_multiplier: thresholds.contextBloatMultiplier,
      days: thresholds.days,
    },
    suggestions: insights.suggestions.map(suggestionJson),
    cache_regressions: insights.regressions.slice(-mostRegressions).map((each) => ({
      turn: each.turnId,
      at: new Date(each.at).toISOString(),
      cause: each.cause,
      lost_tokens: each.lostTokens,
      cost_usd: usdOrNull(each.costNanoUsd),
    })),
    anomaly:
      anomaly === undefined
        ? null
        : {
            is_anomalous: anomaly.isAnomalous,
            is_expensive: anomaly.isExpensive,
            is_tool_heavy: anomaly.isToolHeavy,
            is_cache_cold: anomaly.isCacheCold,
          },
    projection: { end_of_day_usd: usdOrNull(spending.endOfDay), month_usd: usdOrNull(spending.endOfMonth) },
    shadow_prices: shadowModels.flatMap((model) => {
      const price = shadowPrice(insights.turns, model, options.book());
      return price === undefined
        ? []
        : [{ model, cost_usd: usdOf(price.otherNanoUsd), own_cost_usd: usdOf(price.ownNanoUsd) }];
    }),
    figures: Object.fromEntries([...insights.figures].map(([id, value]) => [id, value ?? null])),
  };
}

function contextJson({ context, compaction }: Insights): InsightsJson['context'] {
  if (context === undefined) return null;
  return {
    context_window: context.windowTokens ?? null,
    window_source: context.windowSource ?? null,
    used_tokens: context.usedTokens ?? null,
    fill_pct: context.pressure?.fillPct ?? null,
    tokens_remaining: context.pressure?.remainingTokens ?? null,
    predicted_turns_remaining: context.turnsLeft?.turns ?? null,
    predicted_turns_low: context.turnsLeft?.low ?? null,
    predicted_turns_high: context.turnsLeft?.high ?? null,
    compaction_advised: compaction?.advised ?? false,
    compaction_score: compaction?.score ?? null,
  };
}

/** A signal as every answer shows it: its own fields beside the common ones. */
export function signalJson(signal: Signal): InsightsJson['waste_signals'][number] {
  return {
    ...signal.fields,
    kind: signal.kind,
    severity: signal.severity,
    message: signal.message,
    evidence: [...signal.evidence],
  };
}

export function suggestionJson(suggestion: Suggestion): InsightsJson['suggestions'][number] {
  return {
    id: suggestion.id,
    severity: suggestion.severity,
    title: suggestion.title,
    body: suggestion.body,
    evidence: [...suggestion.evidence],
    saving_usd_per_month: usdOrNull(suggestion.savingNanoUsdPerMonth),
  };
}

function usdOrNull(nanoUsd: number | undefined): number | null {
  return nanoUsd === undefined ? null : usdOf(Math.round(nanoUsd));
}
