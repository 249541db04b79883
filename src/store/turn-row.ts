import type { CopyRule } from '../events.ts';

/** A row of `turn` while it is being worked on; columns as in `schema.md`. */
export interface TurnRow {
  id: number;
  sessionId: number;
  at: number;
  modelId: number;
  fast: number;
  uncached: number;
  cacheRead: number;
  write5m: number;
  write1h: number;
  output: number;
  reasoning: number | null;
  webSearches: number;
  promptTokens: number;
  contextTokens: number;
  serviceTier: string | null;
  branchId: number;
  sidechain: number;
  isCompaction: number;
  quality: string;
  approximate: number;
  suspect: number;
  costLogged: number | null;
  costCalculated: number | null;
  savings: number | null;
  priceId: number | null;
  responses: number;
  toolCalls: number;
  mcpCalls: number;
  ownerRank: number;
  ownerAt: number;
  fileId: number;
}

/** With its fields in the order in which the writer gives them. */
export function emptyRow(): TurnRow {
  return {
    id: 0,
    sessionId: 0,
    at: 0,
    modelId: 0,
    fast: 0,
    uncached: 0,
    cacheRead: 0,
    write5m: 0,
    write1h: 0,
    output: 0,
    reasoning: null,
    webSearches: 0,
    promptTokens: 0,
    contextTokens: 0,
    serviceTier: null,
    branchId: 0,
    sidechain: 0,
    isCompaction: 0,
    quality: 'measured',
    approximate: 0,
    suspect: 0,
    costLogged: null,
    costCalculated: null,
    savings: null,
    priceId: null,
    responses: 1,
    toolCalls: 0,
    mcpCalls: 0,
    ownerRank: 0,
    ownerAt: 0,
    fileId: 0,
  };
}

/**
 * Folds a copy of the same response into `row`, in place; the result is the same in whatever order copies arrive.
 * Numbers come from the copies of the best chain only (main before sidechain, which are one to the rule `chains`, before
 * imported) and become one by `rule` there; the time is the earliest of those; the owner is the least of (rank, time,
 * path) over all copies.
 * Prices are left as they are: the caller prices the result. `pathOf` names a tracked file.
 */
export function mergeTurn(
  row: TurnRow,
  copy: TurnRow,
  pathOf: (fileId: number) => string,
  rule: CopyRule = 'fields',
): void {
  const byChain = chainOf(copy, rule) - chainOf(row, rule);
  if (byChain < 0) takeNumbers(row, copy);
  else if (byChain === 0) mergeNumbers(row, copy, rule);
  if (rule === 'chains') row.sidechain |= copy.sidechain;
  if (isEarlierOwner(copy, row, pathOf)) takeOwner(row, copy);
  row.serviceTier ??= copy.serviceTier;
}

/** Orders owners: rank, then time, then path. */
export function isEarlierOwner(
  a: { readonly ownerRank: number; readonly ownerAt: number; readonly fileId: number },
  b: { readonly ownerRank: number; readonly ownerAt: number; readonly fileId: number },
  pathOf: (fileId: number) => string,
): boolean {
  if (a.ownerRank !== b.ownerRank) return a.ownerRank < b.ownerRank;
  if (a.ownerAt !== b.ownerAt) return a.ownerAt < b.ownerAt;
  return a.fileId !== b.fileId && pathOf(a.fileId) < pathOf(b.fileId);
}

export function sameRow(a: TurnRow, b: TurnRow): boolean {
  return (Object.keys(a) as (keyof TurnRow)[]).every((key) => a[key] === b[key]);
}

function chainOf(row: TurnRow, rule: CopyRule): number {
  if (row.quality === 'imported') return 2;
  return rule === 'chains' ? 0 : row.sidechain;
}

function takeNumbers(row: TurnRow, copy: TurnRow): void {
  row.at = copy.at;
  row.approximate = copy.approximate;
  row.sidechain = copy.sidechain;
  row.costLogged = copy.costLogged;
  row.quality = copy.quality;
  takeCounts(row, copy);
}

function takeCounts(row: TurnRow, copy: TurnRow): void {
  row.fast = copy.fast;
  row.uncached = copy.uncached;
  row.cacheRead = copy.cacheRead;
  row.write5m = copy.write5m;
  row.write1h = copy.write1h;
  row.output = copy.output;
  row.reasoning = copy.reasoning;
  row.webSearches = copy.webSearches;
  row.promptTokens = copy.promptTokens;
  row.contextTokens = copy.contextTokens;
  row.suspect = copy.suspect;
  row.responses = copy.responses;
}

function mergeNumbers(row: TurnRow, copy: TurnRow, rule: CopyRule): void {
  // A time the log states beats one taken from the file; among equals the earlier.
  if (copy.approximate < row.approximate || (copy.approximate === row.approximate && copy.at < row.at)) {
    row.at = copy.at;
    row.approximate = copy.approximate;
  }
  row.costLogged = maxKnown(row.costLogged, copy.costLogged);
  if (rule !== 'largest') maximizeCounts(row, copy);
  else if (isLarger(copy, row)) takeCounts(row, copy);
  if (rule === 'prompt') row.uncached = Math.max(0, row.promptTokens - row.cacheRead - row.write5m - row.write1h);
}

function maximizeCounts(row: TurnRow, copy: TurnRow): void {
  row.fast |= copy.fast;
  row.uncached = Math.max(row.uncached, copy.uncached);
  row.cacheRead = Math.max(row.cacheRead, copy.cacheRead);
  row.write5m = Math.max(row.write5m, copy.write5m);
  row.write1h = Math.max(row.write1h, copy.write1h);
  row.output = Math.max(row.output, copy.output);
  row.reasoning = maxKnown(row.reasoning, copy.reasoning);
  row.webSearches = Math.max(row.webSearches, copy.webSearches);
  row.promptTokens = Math.max(row.promptTokens, copy.promptTokens);
  row.contextTokens = Math.max(row.contextTokens, copy.contextTokens);
  row.suspect |= copy.suspect;
  row.responses = Math.max(row.responses, copy.responses);
}

/** By all tokens; among equals by each kind in turn, so that two unlike copies are never equal. */
function isLarger(a: TurnRow, b: TurnRow): boolean {
  const [left, right] = [sizesOf(a), sizesOf(b)];
  const at = left.findIndex((size, i) => size !== right[i]);
  return at >= 0 && (left[at] as number) > (right[at] as number);
}

function sizesOf(row: TurnRow): readonly number[] {
  const all = row.uncached + row.cacheRead + row.write5m + row.write1h + row.output;
  const kinds = [row.output, row.uncached, row.cacheRead, row.write5m, row.reasoning ?? -1];
  return [all, ...kinds, row.promptTokens, row.contextTokens, row.webSearches, row.fast, row.suspect, row.responses];
}

function takeOwner(row: TurnRow, copy: TurnRow): void {
  row.ownerRank = copy.ownerRank;
  row.ownerAt = copy.ownerAt;
  row.fileId = copy.fileId;
  row.sessionId = copy.sessionId;
  row.branchId = copy.branchId;
  row.modelId = copy.modelId;
  row.isCompaction = copy.isCompaction;
  row.serviceTier = copy.serviceTier ?? row.serviceTier;
}

function maxKnown(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
