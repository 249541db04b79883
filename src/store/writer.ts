import type { CopyRule, LogEvent, PromptEvent, ToolCall, ToolEvent, ToolResultEvent, TurnEvent } from '../events.ts';
import type { CheckpointUpdate, EventSource } from './batch.ts';
import { nameOf } from './clean.ts';
import { addToCounters, takeRetries } from './counters.ts';
import type { Database } from './driver.ts';
import { createEventTable } from './event-table.ts';
import { fillSessions } from './fill-sessions.ts';
import { createForkCopies, type ForkRecord, isForkRecord } from './fork-copies.ts';
import { createProjects } from './projects.ts';
import { createRollupDeltas, fillRollup } from './rollups.ts';
import { createRowKeys, type RowKeys } from './row-key.ts';
import { createSessionCalls } from './session-calls.ts';
import { createTallies } from './session-tally.ts';
import { createSessions } from './sessions.ts';
import { createSideTables, type StoredPrompt } from './side-tables.ts';
import { createTagger, type TagOf } from './tags.ts';
import { createTaskTable } from './task-table.ts';
import { isEarlierOwner, mergeTurn, sameRow, type TurnRow } from './turn-row.ts';
import { createTurnSources } from './turn-sources.ts';
import { createTurnTable } from './turn-table.ts';
import { createWords } from './words.ts';

/** What our own price for a turn is; undefined for a model nobody lists. Handed in by ingest. */
export type PriceTurn = (
  turn: PricedTurn,
  model: string,
) => { readonly priceId: number; readonly costNano: number; readonly savingsNano: number } | undefined;

/** What a price goes by. */
export type PricedTurn = Pick<
  TurnRow,
  'at' | 'fast' | 'uncached' | 'cacheRead' | 'write5m' | 'write1h' | 'output' | 'promptTokens' | 'webSearches'
>;

/** Which project a working directory belongs to. Reads `.git`, executes nothing. */
export type FindProject = (cwd: string) => { readonly root: string; readonly isRepository: boolean };

type PromptRow = {
  readonly provider: string;
  readonly key: string;
} & StoredPrompt;

/** Turns events into rows: everything of a batch, with its checkpoints and rollups, in one transaction. */
export interface Writer {
  /** Takes an event into the open batch. */
  add(source: EventSource, event: LogEvent): void;
  /** Opens the batch's transaction, for whoever writes to other tables within it. */
  begin(): void;
  /** Has a batch been begun? */
  readonly isOpen: boolean;
  /** Turns taken since the last commit. */
  readonly pendingTurns: number;
  /** @throws CheckpointMoved when another process was faster; the batch is then rolled back whole */
  commit(checkpoints: readonly CheckpointUpdate[]): void;
  rollback(): void;
  /** After the last commit: writes what a new store was to have at the end only. */
  finish(): void;
}

/** Of a store nobody sees yet: a commit writes every page that changed, and many change with every batch. */
const batchesPerCommit = 4;

export function createWriter(
  db: Database,
  options: {
    readonly price: PriceTurn;
    readonly findProject: FindProject;
    readonly tagOf: TagOf;
    /** The store is new and seen by nobody before `finish`: sessions are written then, and what is summed up over them. */
    readonly fillsNew: boolean;
    /** How rows are known. Default: by a hash of the record's natural key. */
    readonly keys?: RowKeys | undefined;
  },
): Writer {
  const words = createWords(db);
  const tag = options.fillsNew ? () => undefined : createTagger(db, options.tagOf);
  const sessions = createSessions(db, words, { tag, fillsNew: options.fillsNew });
  const tallies = options.fillsNew ? createTallies() : undefined;
  const projects = createProjects(db, options.findProject);
  const deltas = createRollupDeltas(db, options);
  const turnTable = createTurnTable(db, 'turn');
  const pathOf = createPathLookup(db);
  const keys = options.keys ?? createRowKeys(db);
  const tasks = createTaskTable(db);
  const side = createSideTables(db, words.idOf, keys, tasks);
  const happenings = createEventTable(db, words.idOf, sessions, keys, pathOf);
  const sessionCalls = createSessionCalls(db, words.idOf, keys, tasks);
  const forkCopies = createForkCopies(db, removeRecord);

  let prompts = new Map<string, PromptRow>();
  let pendingTurns = 0;
  let uncountedRetries = 0;

  const touched = new Set<number>();
  let open = false;
  let batches = 0;

  const sources = createTurnSources(db, {
    turns: turnTable,
    pathOf,
    price,
    count(row, sign) {
      count(row, sign);
      countCalls(row.id, row.sessionId, sign);
    },
  });

  function begin(): void {
    if (open) return;
    if (!(options.fillsNew && db.inTransaction)) db.exec('BEGIN IMMEDIATE');
    open = true;
  }

  function timeOf(source: EventSource, at: number | undefined): { at: number; approximate: number } {
    // 2015-01-01: before any coding agent; later than a day ahead: a broken clock.
    if (at === undefined || !(at >= 1_420_070_400_000 && at <= source.latestAt))
      return { at: source.fallbackAt, approximate: 1 };
    return { at, approximate: 0 };
  }

  function addTurn(source: EventSource, event: TurnEvent): void {
    const { at, approximate } = timeOf(source, event.at);
    const sessionId = sessions.idOf(source.provider, event.session);
    sessions.sawAt(sessionId, at);
    const row: TurnRow = {
      id: 0,
      sessionId,
      at,
      modelId: words.idOf(event.model) || words.idOf('unknown'), // nothing may be left of a name
      fast: event.fast ? 1 : 0,
      uncached: event.usage.uncachedInputTokens,
      cacheRead: event.usage.cacheReadInputTokens,
      write5m: event.usage.cacheCreation5mInputTokens,
      write1h: event.usage.cacheCreation1hInputTokens,
      output: event.usage.outputTokens,
      reasoning: event.usage.reasoningOutputTokens ?? null,
      webSearches: event.webSearchRequests,
      promptTokens: event.promptTokens,
      contextTokens: event.contextTokens,
      serviceTier: nameOf(event.serviceTier),
      branchId: words.idOf(event.branch),
      sidechain: event.sidechain ? 1 : 0,
      isCompaction: event.compaction === true ? 1 : 0,
      quality: event.quality,
      approximate,
      suspect: event.suspect === true ? 1 : 0,
      costLogged: event.costNanoUsd ?? null,
      costCalculated: null,
      savings: null,
      priceId: null,
      responses: event.responses ?? 1,
      toolCalls: 0,
      mcpCalls: 0,
      ownerRank: (event.sidechain ? 2 : 0) + (event.rank === 'own' ? 0 : 1),
      ownerAt: at,
      fileId: source.fileId,
    };
    pendingTurns++;
    const key = keys.of(source.provider, event.key);
    if (event.source === undefined) return writeTurn(key, row, event);
    if (event.tools.length > 0) throw new TypeError('a turn with a source has no tools');
    const ofSession = sessions.idOf(source.provider, event.source.session);
    sources.add(Buffer.from(key), row, {
      ...event.source,
      sessionId: ofSession,
      copies: event.copies,
    });
  }

  function writeTurn(key: Buffer, row: TurnRow, { model, tools, copies }: TurnEvent): void {
    const counted = tools.length > 1 ? new Set<string>() : undefined;
    for (const { key: callKey, type } of tools) {
      if (counted?.has(callKey) === true) continue; // named twice, it is one call
      counted?.add(callKey);
      row.toolCalls++;
      if (type === 'mcp') row.mcpCalls++;
    }
    price(row, model);
    const inserted = turnTable.insert(key, row);
    if (inserted === undefined) return mergeStored(key, row, model, tools, copies);
    count(row, 1);
    for (const call of tools) {
      const nameId = side.writeTool(call, inserted);
      if (nameId !== undefined) tallies?.addCalls(row.sessionId, nameId, 1);
    }
  }

  function count(row: TurnRow, sign: 1 | -1): void {
    touched.add(row.sessionId);
    deltas.addTurn(row, sign);
    tallies?.addTurn(row, sign);
  }

  function mergeStored(
    key: Buffer,
    copy: TurnRow,
    model: string,
    tools: readonly ToolCall[],
    copies: CopyRule | undefined,
  ): void {
    const stored = turnTable.find(key);
    if (stored === undefined) throw new Error('a turn refused as a duplicate is not there');
    const before = { ...stored };
    mergeTurn(stored, copy, pathOf, copies);
    stored.id = before.id;
    for (const call of tools) {
      const nameId = side.writeTool(call, stored.id);
      if (nameId === undefined) continue;
      tallies?.addCalls(before.sessionId, nameId, 1);
      stored.toolCalls++;
      if (call.type === 'mcp') stored.mcpCalls++;
    }
    if (sameRow(before, stored)) return;
    if (numbersDiffer(before, stored))
      price(stored, stored.modelId === copy.modelId ? model : turnTable.modelName(stored.modelId));
    turnTable.update(stored);
    touched.add(before.sessionId);
    touched.add(stored.sessionId);
    deltas.addTurn(before, -1);
    deltas.addTurn(stored, 1);
    tallies?.changeTurn(before, stored);
    if (before.sessionId === stored.sessionId) return;
    countCalls(stored.id, before.sessionId, -1);
    countCalls(stored.id, stored.sessionId, 1);
  }

  /** Those in the table, as their turn goes to another session, or away. */
  function countCalls(turnId: number, sessionId: number, sign: 1 | -1): void {
    if (tallies === undefined) return;
    for (const nameId of side.namesOf(turnId)) tallies.addCalls(sessionId, nameId, sign);
  }

  function price(row: TurnRow, model: string): void {
    const found = row.quality === 'partial' ? undefined : options.price(row, model);
    row.costCalculated = found?.costNano ?? null;
    row.savings = found?.savingsNano ?? null;
    row.priceId = found?.priceId ?? null;
  }

  function addResult(source: EventSource, event: ToolResultEvent): void {
    side.writeResult(event, turnTable.idOf(keys.of(source.provider, event.turn)));
  }

  function addCall(source: EventSource, { call, ...event }: ToolEvent): void {
    const { at, approximate } = timeOf(source, call.at ?? call.result?.at);
    const sessionId = sessions.idOf(source.provider, event.session);
    sessions.sawAt(sessionId, at);
    const { before, after } = sessionCalls.write(call, {
      sessionId,
      at,
      approximate: call.at === undefined ? 1 : approximate,
      modelId: words.idOf(event.model),
      branchId: words.idOf(event.branch),
      sidechain: event.sidechain ? 1 : 0,
    });
    if (before !== undefined) {
      deltas.addCall(before, -1);
      tallies?.addCalls(sessionId, before.nameId, -1);
    }
    deltas.addCall(after, 1);
    tallies?.addCalls(sessionId, after.nameId, 1);
    touched.add(sessionId);
  }

  function touch(sessionIds: readonly number[]): void {
    for (const id of sessionIds) touched.add(id);
  }

  function addPrompt(source: EventSource, event: PromptEvent): void {
    const { at } = timeOf(source, event.at);
    const sessionId = sessions.idOf(source.provider, event.session);
    sessions.sawAt(sessionId, at);
    const mapKey = `${source.provider}\0${event.key}`;
    const row: PromptRow = {
      provider: source.provider,
      key: `prompt\0${event.key}`,
      sessionId,
      at,
      modelId: words.idOf(event.model),
      branchId: words.idOf(event.branch),
      ownerRank: event.rank === 'own' ? 0 : 1,
      ownerAt: at,
      fileId: source.fileId,
    };
    const pending = prompts.get(mapKey);
    if (pending === undefined) prompts.set(mapKey, row);
    else mergePrompt(pending, row, pathOf);
  }

  function writePrompt(row: PromptRow): void {
    const key = keys.of(row.provider, row.key);
    const before = side.insertPrompt(key, row);
    if (before === undefined) return deltas.addPrompt(row, 1);
    const stored = { ...before };
    mergePrompt(stored, row, pathOf);
    if ((Object.keys(stored) as (keyof StoredPrompt)[]).every((name) => before[name] === stored[name])) return;
    side.updatePrompt(key, stored);
    deltas.addPrompt(before, -1);
    deltas.addPrompt(stored, 1);
  }

  /** Takes a copy out again, as if it had never been told. */
  function removeRecord(key: Buffer, table: 'turn' | 'prompt' | 'event'): void {
    if (table === 'turn') {
      const row = turnTable.find(key);
      if (row === undefined) return;
      countCalls(row.id, row.sessionId, -1);
      turnTable.remove(row.id);
      side.removePartsOf(row.id);
      count(row, -1);
    } else if (table === 'prompt') {
      const row = side.removePrompt(key);
      if (row !== undefined) deltas.addPrompt(row, -1);
    } else touch(happenings.remove(key));
  }

  function keyOf(source: EventSource, event: ForkRecord): Buffer {
    if (event.kind === 'turn') return keys.of(source.provider, event.key);
    return keys.of(source.provider, `${event.kind === 'prompt' ? 'prompt' : 'event'}\0${event.key}`);
  }

  /** Every prompt told so far in its table, so that what is held in memory never meets a record of a fork. */
  function settle(): void {
    for (const prompt of prompts.values()) writePrompt(prompt);
    prompts.clear();
  }

  function addOfFork(source: EventSource, event: ForkRecord, depth: number): void {
    settle();
    const sessionId = sessions.idOf(source.provider, event.session);
    const key = Buffer.from(keyOf(source, event)); // the next key is written over it
    const turn = event.kind === 'prompt' ? event.turn : undefined;
    const isMine =
      turn === undefined
        ? forkCopies.admits(key, event.kind, sessionId, depth)
        : forkCopies.follows(key, event.kind, sessionId, depth, keys.of(source.provider, turn));
    if (!isMine) return;
    take(source, event);
    settle();
  }

  function flush(): void {
    settle();
    sources.settle();
    deltas.flush(sessions.placeOf);
    sessions.flush(touched);
  }

  function countBatch(checkpoints: readonly CheckpointUpdate[]): void {
    uncountedRetries += takeRetries();
    const sums = { records: 0, invalid: 0, oversize: 0, bad_value: 0, unknown_type: 0 };
    for (const { counts } of checkpoints) {
      sums.records += counts.records;
      sums.invalid += counts.invalid;
      sums.oversize += counts.oversize;
      sums.bad_value += counts.bad_value;
      sums.unknown_type += counts.unknown_type;
    }
    addToCounters(db, { ...sums, batches: 1, retries: uncountedRetries });
  }

  function reset(): void {
    pendingTurns = 0;
    prompts = new Map();
    touched.clear();
    forkCopies.forget();
    open = false;
  }

  function take(source: EventSource, event: LogEvent): void {
    switch (event.kind) {
      case 'turn':
        return addTurn(source, event);
      case 'tool_result':
        return addResult(source, event);
      case 'prompt':
        return addPrompt(source, event);
      case 'session': {
        const projectId = projects.idOf(event.cwd ?? event.projectHint, event.cwd !== undefined);
        const moved = sessions.learn(source.provider, event, source.path, projectId);
        if (moved !== undefined) deltas.moveSession(moved.id, moved.from, sessions.placeOf(moved.id));
        const sessionId = sessions.idOf(source.provider, event.session);
        if (event.at !== undefined) sessions.sawAt(sessionId, timeOf(source, event.at).at);
        // Its turns say another thing of a subagent.
        if (event.contextTokens !== undefined || event.parent !== undefined) touched.add(sessionId);
        return;
      }
      case 'compaction':
        return touch(happenings.writeCompaction(source, event, timeOf(source, event.at).at));
      case 'activity':
        return touch(happenings.writeActivity(source, event, timeOf(source, event.at).at));
      case 'tool':
        return addCall(source, event);
      case 'limit': {
        const sessionId = event.session === undefined ? 0 : sessions.idOf(source.provider, event.session);
        return side.writeLimit(source, event, timeOf(source, event.at).at, sessionId);
      }
      case 'stretch': {
        const { at, approximate } = timeOf(source, event.at);
        const sessionId = sessions.idOf(source.provider, event.session);
        if (approximate === 0) sources.part(sessionId, at, event.told);
        return;
      }
      case 'copied':
        settle();
        return forkCopies.release(sessions.idOf(source.provider, event.session));
      default:
        event satisfies never;
    }
  }

  return {
    begin,
    get isOpen() {
      return open;
    },
    get pendingTurns() {
      return pendingTurns;
    },
    add(source, event) {
      begin();
      if (isForkRecord(event)) {
        if (event.forkDepth !== undefined) return addOfFork(source, event, event.forkDepth);
        if (forkCopies.any())
          forkCopies.giveWay(keyOf(source, event), event.kind, sessions.idOf(source.provider, event.session));
      }
      take(source, event);
    },
    commit(checkpoints) {
      begin();
      try {
        flush();
        for (const checkpoint of checkpoints) side.writeCheckpoint(checkpoint);
        countBatch(checkpoints);
        if (!options.fillsNew || ++batches % batchesPerCommit === 0) db.exec('COMMIT');
        uncountedRetries = 0;
        reset();
      } catch (error) {
        this.rollback();
        throw error;
      }
    },
    finish() {
      if (tallies === undefined) return;
      begin();
      fillSessions(db, sessions.all(), tallies, options.tagOf);
      fillRollup(db);
      db.exec('COMMIT');
      open = false;
    },
    rollback() {
      if (db.inTransaction) db.exec('ROLLBACK');
      reset();
      deltas.clear();
      words.forget();
      sessions.forget();
      projects.forget();
      sources.forget();
    },
  };
}

function mergePrompt(row: StoredPrompt, copy: StoredPrompt, pathOf: (fileId: number) => string): void {
  if (isEarlierOwner(copy, row, pathOf)) {
    row.ownerRank = copy.ownerRank;
    row.ownerAt = copy.ownerAt;
    row.fileId = copy.fileId;
    row.sessionId = copy.sessionId;
    row.branchId = copy.branchId;
    row.at = copy.at;
    if (copy.modelId !== 0) row.modelId = copy.modelId;
  } else if (
    copy.modelId !== 0 &&
    (row.modelId === 0 || (copy.fileId === row.fileId && copy.ownerAt === row.ownerAt))
  ) {
    row.modelId = copy.modelId;
  }
}

function numbersDiffer(a: TurnRow, b: TurnRow): boolean {
  return (
    [
      'at',
      'modelId',
      'fast',
      'uncached',
      'cacheRead',
      'write5m',
      'write1h',
      'output',
      'webSearches',
      'promptTokens',
    ] as const
  ).some((key) => a[key] !== b[key]);
}

function createPathLookup(db: Database): (fileId: number) => string {
  const find = db.prepare<[number], { path: string }>('SELECT path FROM source_file WHERE id = ?');
  const known = new Map<number, string>();
  return (fileId) => {
    let path = known.get(fileId);
    if (path === undefined) known.set(fileId, (path = find.get(fileId)?.path ?? ''));
    return path;
  };
}
