import { blocksOf, burnRate, isActive, projection } from '../metrics/blocks.ts';
import { calendarPeriods, type PeriodKind, type StartOfWeek, type Zone } from '../metrics/calendar.ts';
import { contextPressure } from '../metrics/context-pressure.ts';
import { contextWindow } from '../metrics/context-window.ts';
import { normalizeModelId } from '../metrics/model-id.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { Database } from '../store/driver.ts';
import { ingestTotals } from '../store/queries/health.ts';
import {
  activeBuckets,
  dataRange,
  type Group,
  groupSums,
  type PeriodRange,
  totalSums,
  unpricedModels,
} from '../store/queries/report.ts';
import type { Scope } from '../store/queries/scope.ts';
import { type SessionFacts, sessionFacts } from '../store/queries/sessions.ts';
import { toolUse, turnSpan } from '../store/queries/tools.ts';
import { type ReportFrame, reportJson, type SumsRow, toolReportJson } from './assemble.ts';
import { type CostMode, costOf, type Sums, totalTokensOf, usdOf } from './figures.ts';
import type { ReportKind } from './kinds.ts';
import type { ReportJson } from './shape.ts';
import { sumsFrom } from './sums.ts';

/** What somebody wants to know. */
export interface ReportRequest {
  readonly by: ReportKind;
  readonly scope: Scope;
  readonly zone: Zone;
  /** The range as it is to be repeated. */
  readonly since: string | null;
  readonly until: string | null;
  readonly startOfWeek: StartOfWeek;
  readonly sessionLengthHours: number;
  /** A row for each subagent instead of folding it into its session. */
  readonly subagents: boolean;
  readonly breakdown: boolean;
  readonly mode: CostMode;
  readonly noCost: boolean;
  readonly order: 'asc' | 'desc' | undefined;
  readonly limit: number | undefined;
  readonly now: number;
  /** When the logs were last looked at; absent: what the store remembers. */
  readonly asOf: number | undefined;
  /** Names projects by their root path too. */
  readonly paths: boolean;
  /** Prices, asked for where a row needs them (context windows, model ids). */
  readonly book: () => PriceBook;
}

/** Answers a report from the store: every view calls this, so they all show the same numbers. */
export function buildReport(db: Database, request: ReportRequest): ReportJson {
  const { by, scope, mode } = request;
  const ingest = ingestTotals(db);
  const frame: ReportFrame = {
    timezone: request.zone.name,
    since: request.since,
    until: request.until,
    generatedAt: request.now,
    totals: sumsFrom(totalSums(db, scope)),
    unpricedModels: unpricedModels(db, scope, mode === 'auto' ? 'auto' : 'calculated'),
    asOf: request.asOf ?? ingest.lastReadAt,
    ingest: { files: ingest.files, skippedRecords: ingest.skippedRecords },
    mode,
    noCost: request.noCost,
    order: request.order,
    limit: request.limit,
  };
  switch (by) {
    case 'tool':
      return toolReportJson({ ...frame, rows: toolRows(db, scope) });
    case 'session':
      return reportJson({ ...frame, by, rows: sessionRows(db, request) });
    case 'block':
      return reportJson({ ...frame, by, rows: blockRows(db, request) });
    case 'model':
      return reportJson({ ...frame, by, rows: modelRows(db, request) });
    case 'hour':
    case 'day':
    case 'week':
    case 'month':
      return reportJson({ ...frame, by, rows: periodRows(db, request, by) });
    default:
      return reportJson({
        ...frame,
        by,
        rows: groupSums(db, scope, by, { breakdown: request.breakdown }).map((group) =>
          plainRow(group, group.key, request),
        ),
      });
  }
}

function plainRow(group: Group, key: string | null, request: Pick<ReportRequest, 'breakdown'>): SumsRow<'day'> {
  return {
    key,
    sums: sumsFrom(group.sums),
    extras: {},
    providers: group.providers,
    models: group.models,
    breakdown: request.breakdown ? group.breakdown.map((part) => ({ ...part, sums: sumsFrom(part.sums) })) : undefined,
  };
}

function periodRows(db: Database, request: ReportRequest, by: PeriodKind): readonly SumsRow<'day'>[] {
  const data = dataRange(db, request.scope);
  if (data === undefined) return [];
  const quarter = 15 * 60 * 1000;
  const fromMs = Math.max(request.scope.fromMs ?? data.startMs, Math.floor(data.startMs / quarter) * quarter);
  const toMs = Math.min(
    request.scope.toMs ?? Number.POSITIVE_INFINITY,
    Math.floor(data.endMs / quarter) * quarter + quarter,
  );
  const periods = calendarPeriods({ by, fromMs, toMs, zone: request.zone, startOfWeek: request.startOfWeek });
  return groupSums(db, request.scope, 'period', { periods, breakdown: request.breakdown }).map((group) =>
    plainRow(group, periods[Number(group.key)]?.key ?? null, request),
  );
}

function modelRows(db: Database, request: ReportRequest): readonly SumsRow<'model'>[] {
  const book = request.book();
  return groupSums(db, request.scope, 'model', { breakdown: request.breakdown }).map((group) => {
    const name = group.key ?? 'unknown';
    const speed = group.fast ? 'fast' : 'standard';
    const priced = book.candidates(name).find((row) => row.speed === speed);
    const key = `${name}${group.fast ? '-fast' : ''}`;
    return {
      ...plainRow(group, key, request),
      key,
      extras: { model_id: priced?.modelId ?? (name === 'unknown' ? null : normalizeModelId(name)), speed },
    };
  });
}

function sessionRows(db: Database, request: ReportRequest): readonly SumsRow<'session'>[] {
  const groups = groupSums(db, request.scope, request.subagents ? 'subagent' : 'session', {
    breakdown: request.breakdown,
  });
  const facts = sessionFacts(
    db,
    groups.map((group) => Number(group.key)),
  );
  return groups.flatMap((group) => {
    const session = facts.get(Number(group.key));
    if (session === undefined) return [];
    return [{ ...plainRow(group, session.id, request), key: session.id, extras: sessionExtras(session, request) }];
  });
}

function sessionExtras(session: SessionFacts, request: ReportRequest): SumsRow<'session'>['extras'] {
  const window = sessionWindow(session, request.book);
  return {
    id: session.id,
    provider: session.provider,
    provider_version: session.version,
    project: session.project,
    ...(request.paths && session.projectRoot !== null ? { project_path: session.projectRoot } : {}),
    branch: session.branch,
    started_at: isoOf(session.startedAt),
    last_turn_at: isoOf(session.lastTurnAt),
    context_fill_pct:
      window === undefined || session.contextTokens === null
        ? null
        : contextPressure(session.contextTokens, window.tokens).fillPct,
    context_window: window?.tokens ?? null,
    compactions: session.compactions,
    tags: [...session.tags],
    is_subagent: session.parentId !== null,
    parent_id: session.parentId,
    subagents: session.subagents,
  };
}

/** The window of a session that has used a model, or whose log tells it. */
export function sessionWindow(
  session: SessionFacts,
  book: () => PriceBook,
): { readonly tokens: number; readonly source: string } | undefined {
  if (session.model === null && (session.reportedWindow ?? 0) < 1) return undefined;
  return contextWindow({
    model: session.model ?? 'unknown',
    reported: session.reportedWindow ?? undefined,
    observedMax: session.maxPromptTokens,
    book: book(),
  });
}

function blockRows(db: Database, request: ReportRequest): readonly SumsRow<'block'>[] {
  const blocks = blocksOf(activeBuckets(db, request.scope), request.sessionLengthHours);
  // Turns lie within their block. A prompt that waits between two belongs to the later one, an unanswered last one to the
  // last, so that no prompt is in none.
  const ranges: readonly PeriodRange[] = blocks.map((_, i) => ({
    startMs: blocks[i - 1]?.endMs ?? 0,
    endMs: i === blocks.length - 1 ? Number.MAX_SAFE_INTEGER : (blocks[i]?.endMs ?? 0),
  }));
  return groupSums(db, request.scope, 'period', { periods: ranges, breakdown: request.breakdown }).flatMap((group) => {
    const block = blocks[Number(group.key)];
    if (block === undefined) return [];
    const key = new Date(block.startMs).toISOString();
    return [{ ...plainRow(group, key, request), key, extras: blockExtras(db, request, block, sumsFrom(group.sums)) }];
  });
}

function blockExtras(db: Database, request: ReportRequest, block: PeriodRange, sums: Sums): SumsRow<'block'>['extras'] {
  const { scope, now, mode } = request;
  const within = {
    ...scope,
    fromMs: Math.max(block.startMs, scope.fromMs ?? 0),
    toMs: Math.min(block.endMs, scope.toMs ?? block.endMs),
  };
  const span = turnSpan(db, within) ?? { firstMs: block.startMs, lastMs: block.startMs };
  const usage = {
    totalTokens: totalTokensOf(sums),
    costNanoUsd: request.noCost ? null : costOf(sums, mode).nanoUsd,
    firstTurnMs: span.firstMs,
    lastTurnMs: span.lastMs,
  };
  const rate = burnRate(usage);
  const end = projection(block, usage, now);
  return {
    start: new Date(block.startMs).toISOString(),
    end: new Date(block.endMs).toISOString(),
    active: isActive({ ...block, lastTurnMs: span.lastMs }, now),
    burn_rate_tokens_per_min: rate?.tokensPerMin ?? null,
    burn_rate_usd_per_hour: rate?.nanoUsdPerHour == null ? null : usdOf(rate.nanoUsdPerHour),
    projected_tokens: end?.totalTokens ?? null,
    projected_cost_usd: end?.costNanoUsd == null ? null : usdOf(end.costNanoUsd),
  };
}

function toolRows(db: Database, scope: Scope) {
  return toolUse(db, scope).map((tool) => ({
    key: tool.name,
    calls: tool.calls,
    errors: tool.errors,
    sessions: tool.sessions,
    ...(tool.server === null ? {} : { server: tool.server }),
    input_size_bytes: tool.inputBytes,
    output_size_bytes: tool.outputBytes,
    providers: [...tool.providers],
  }));
}

export function isoOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
