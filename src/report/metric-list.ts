import { firingAlerts } from '../store/alerts.ts';
import { readCounters } from '../store/counters.ts';
import type { Database } from '../store/driver.ts';
import { ingestHealth } from '../store/queries/health.ts';
import { groupSums, totalSums } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import type { BudgetSettings } from './budget.ts';
import { contextAnswer } from './context-answer.ts';
import { type Figures, figuresOf, usdOf } from './figures.ts';
import { type ShownTo, shownModel } from './shown-model.ts';
import { spentSoFar } from './spent.ts';
import type { NowRequest } from './stats.ts';
import { knownCost } from './stats.ts';
import { sumsFrom } from './sums.ts';

/** What metrics are worked out from, and how much of it may be told. */
export interface MetricRequest extends Omit<NowRequest, 'signals'>, ShownTo {
  readonly db: Database;
  readonly budget: BudgetSettings;
  readonly version: string;
  /** Open streams by kind; absent where there are none to have. */
  readonly streamClients?: (() => StreamClients) | undefined;
}

export interface StreamClients {
  readonly websocket: number;
  readonly sse: number;
}

/** One exported metric with its samples. Names, units and types by Prometheus' conventions; the original's names stay. */
export interface Metric {
  readonly name: string;
  /** `counter`: never falls. */
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** By OpenTelemetry's unit codes. */
  readonly unit: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Values of a label beyond which the rest is `other`. */
const mostValues = 50;

/** Every figure that is exported, as far as the tier tells it. */
export function metricsOf(deps: MetricRequest): readonly Metric[] {
  const { db } = deps;
  const all = figuresOf(sumsFrom(totalSums(db, everything)), 'auto');
  const spent = spentSoFar(db, deps, 1);
  const context = contextAnswer(db, deps);
  const limit = deps.budget.daily_usd;
  const today = usdOf(spent.today);
  return [
    plain(
      'scopeon_context_fill_pct',
      'Context fill of the live session, 0-100; 0 while none is live.',
      'message' in context || context.stale ? 0 : context.fill_pct,
      '%',
    ),
    plain('scopeon_cost_usd_today', 'Cost of the present calendar day.', today, '{USD}'),
    plain('scopeon_cost_usd_week', 'Cost of the present calendar week.', usdOf(spent.week), '{USD}'),
    plain('scopeon_cost_usd_month', 'Cost of the present calendar month.', usdOf(spent.month), '{USD}'),
    plain('scopeon_cache_hit_rate', 'Cache reads over cache reads plus uncached input, 0-1.', all.cache_hit_rate ?? 0),
    plain(
      'scopeon_budget_daily_used_pct',
      'Today against the daily limit, 0-200; 0 without a limit.',
      limit > 0 ? Math.min(200, (today / limit) * 100) : 0,
      '%',
    ),
    plain('scopeon_total_sessions', 'Sessions stored.', all.sessions, '{session}'),
    plain('scopeon_total_turns', 'Model responses stored.', all.turns, '{turn}'),
    plain('scopeon_total_cost_usd', 'Cost of everything stored, as far as it is known.', knownCost(all), '{USD}'),
    plain('scopeon_cache_savings_usd', 'Net of what writing the cache cost.', all.cache_savings_usd ?? 0, '{USD}'),
    plain('scopeon_unpriced_turns', 'Model responses without a known price.', all.unpriced_turns, '{turn}'),
    firing(db, deps.now),
    ...byModel(deps),
    ...(deps.tier >= 2 ? byProject(deps) : []),
    {
      name: 'scopeon_build_info',
      type: 'gauge',
      help: 'Always 1; the version is a label.',
      unit: '1',
      samples: [{ labels: { version: deps.version }, value: 1 }],
    },
    ...reading(db),
    ...(deps.streamClients === undefined ? [] : [streams(deps.streamClients())]),
  ];
}

function plain(name: string, help: string, value: number, unit = '1', type: Metric['type'] = 'gauge'): Metric {
  return { name, type, help, unit, samples: [{ labels: {}, value }] };
}

/** How the reading of logs goes, whichever process reads them. */
function reading(db: Database): readonly Metric[] {
  const counted = readCounters(db);
  const health = ingestHealth(db);
  return [
    plain('scopeon_log_records_total', 'Log records read.', counted.records, '{record}', 'counter'),
    {
      name: 'scopeon_log_records_skipped_total',
      type: 'counter',
      help: 'Log records that were not taken, by reason.',
      unit: '{record}',
      samples: (['invalid', 'oversize', 'bad_value', 'unknown_type'] as const).map((reason) => ({
        labels: { reason },
        value: counted[reason],
      })),
    },
    plain('scopeon_log_unread_bytes', 'Bytes of known logs not read yet.', health.unreadBytes, 'By'),
    plain('scopeon_log_files', 'Log files known.', health.files, '{file}'),
    plain('scopeon_ingest_batches_total', 'Commits of what was read.', counted.batches, '{batch}', 'counter'),
    plain(
      'scopeon_ingest_retries_total',
      'Writes tried again because another program was in the way.',
      counted.retries,
      '{retry}',
      'counter',
    ),
    plain(
      'scopeon_store_recoveries_total',
      'Times a damaged database was replaced.',
      counted.recoveries,
      '{recovery}',
      'counter',
    ),
  ];
}

function streams(clients: StreamClients): Metric {
  return {
    name: 'scopeon_stream_clients',
    type: 'gauge',
    help: 'Open streams, by kind.',
    unit: '{client}',
    samples: Object.entries(clients).map(([stream, value]) => ({ labels: { stream }, value: Number(value) })),
  };
}

const kinds = [
  ['input', 'input_tokens'],
  ['cache_read', 'cache_read_tokens'],
  ['cache_write_5m', 'cache_write_5m_tokens'],
  ['cache_write_1h', 'cache_write_1h_tokens'],
  ['output', 'output_tokens'],
] as const;

/** Alerts that are on, by type; none: no sample. */
function firing(db: Database, now: number): Metric {
  const counts = new Map<string, number>();
  for (const { type } of firingAlerts(db, now)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return {
    name: 'scopeon_alert_firing',
    type: 'gauge',
    help: 'Alerts that are on now, by type.',
    unit: '{alert}',
    samples: [...counts].map(([type, value]) => ({ labels: { type }, value })),
  };
}

function byModel(deps: MetricRequest): readonly Metric[] {
  const rows = groupSums(deps.db, everything, 'provider', { breakdown: true, sessions: false }).flatMap((group) =>
    group.breakdown.map((part) => ({
      labels: { provider: part.provider, model: shownModel(part.model, deps) },
      figures: figuresOf(sumsFrom(part.sums), 'auto'),
    })),
  );
  const used = rows.filter((row) => row.figures.turns > 0);
  const named = bounded(used, 'model', (row) => row.figures.total_tokens);
  return [
    {
      name: 'scopeon_tokens_total',
      type: 'counter',
      help: 'Tokens by kind; the kinds are disjoint.',
      unit: '{token}',
      samples: summed(
        named.flatMap(({ labels, figures }) =>
          kinds.map(([type, field]) => ({ labels: { ...labels, type }, value: figures[field] })),
        ),
      ),
    },
    {
      name: 'scopeon_turns_total',
      type: 'counter',
      help: 'Model responses.',
      unit: '{turn}',
      samples: summed(named.map(({ labels, figures }) => ({ labels, value: figures.turns }))),
    },
    {
      name: 'scopeon_cost_usd',
      type: 'gauge',
      help: 'Cost, as far as it is known.',
      unit: '{USD}',
      samples: costs(named),
    },
  ];
}

function byProject(deps: MetricRequest): readonly Metric[] {
  const rows = groupSums(deps.db, everything, 'project', { sessions: false }).map((group) => ({
    labels: { project: group.key ?? '' },
    figures: figuresOf(sumsFrom(group.sums), 'auto'),
  }));
  const named = bounded(rows, 'project', (row) => row.figures.total_tokens);
  return [
    {
      name: 'scopeon_project_cost_usd',
      type: 'gauge',
      help: 'Cost by project, as far as it is known.',
      unit: '{USD}',
      samples: costs(named),
    },
  ];
}

/** The values with the most use keep their names. */
function bounded<Row extends { readonly labels: Readonly<Record<string, string>> }>(
  rows: readonly Row[],
  label: string,
  weight: (row: Row) => number,
): readonly Row[] {
  const byValue = new Map<string, number>();
  for (const row of rows) {
    const value = row.labels[label] ?? '';
    byValue.set(value, (byValue.get(value) ?? 0) + weight(row));
  }
  const kept = new Set(
    [...byValue]
      .sort((a, b) => b[1] - a[1])
      .slice(0, mostValues)
      .map(([value]) => value),
  );
  return rows.map((row) =>
    kept.has(row.labels[label] ?? '') ? row : { ...row, labels: { ...row.labels, [label]: 'other' } },
  );
}

/** A cost that is not known is no sample, for 0 would be one. */
function costs(
  rows: readonly { readonly labels: Readonly<Record<string, string>>; readonly figures: Figures }[],
): readonly Sample[] {
  return summed(
    rows.flatMap(({ labels, figures }) => (figures.cost_usd === null ? [] : [{ labels, value: figures.cost_usd }])),
  );
}

/** One sample for each set of labels. */
function summed(samples: readonly Sample[]): readonly Sample[] {
  const sums = new Map<string, Sample>();
  for (const sample of samples) {
    const key = JSON.stringify(sample.labels);
    sums.set(key, { labels: sample.labels, value: (sums.get(key)?.value ?? 0) + sample.value });
  }
  return [...sums.values()];
}
