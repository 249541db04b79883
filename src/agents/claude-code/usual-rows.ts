import type { Plan } from '../../readers/fields.ts';
import type { RowTaker } from '../../readers/json-lines.ts';
import type { Scanner, Twin } from '../../readers/scan.ts';
import {
  callKeys,
  isAnswered,
  nameAt,
  placeOf,
  plainAnswer,
  type ToldFacts,
  type ToldName,
  type ToldRun,
  turnOf,
  turnWidth,
} from '../../told-turns.ts';
import { type Context, forgetCalls, type Notes, rememberCall, rememberUser } from './notes.ts';
import type { plan } from './plan.ts';
import { takeHook } from './progress.ts';
import { answerPrompts, takePrompt } from './prompts.ts';
import { silentSubtypes, silentTypes } from './silent.ts';
import { serverOf, takeAnswer } from './tools.ts';

/**
 * Has the scanner's module read the usual rows: responses without anything rare, the answers of their tools, prompts,
 * hooks, and rows that tell nothing. It hands on turns that are put together already. What it leaves is parsed, and gives the same: a test holds the two equal.
 * Undefined where there is no such module.
 */
export function takeUsualRows(scanner: Scanner<(typeof plan)['shape']>): RowTaker<Notes> | undefined {
  const { twin } = scanner;
  return twin === undefined || scanner.plan.fields.length > mostFields
    ? undefined
    : new UsualRows(scanner, twin, twin.exports as UsualExports); // the module exports these
}

/** What of ../../readers/wasm/usual-rows.ts is used; what is said there holds here. */
interface UsualExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Addresses of `rooms` below. */
  rooms(): number;
  expect(
    facts: number,
    ofAgent: number,
    folder: number,
    asked: number,
    late: number,
    branchSize: number,
    versionSize: number,
    modelSize: number,
    lastKeySize: number,
  ): void;
  taken(): void;
  forgetNames(words: number): void;
  take(from: number, search: number, have: number): number;
}

const mostFields = 256;

/** What lies where in the module's memory, in its order. */
const rooms = [
  'roles',
  'turns',
  'calls',
  'texts',
  'names',
  'nameEnds',
  'branch',
  'version',
  'model',
  'lastKey',
  'user',
  'told',
  'silent',
  'silentSizes',
] as const;

/** Places in what it tells after each `take`. */
const told = { rows: 0, stoppedAt: 1, turns: 2, textsSize: 3, names: 4, userSize: 5, openAtOnce: 6, calls: 7 } as const;

/** Of the plan's fields, by their path. What is in no list is no matter, as it is none to the parse of such a row. */
const roles: readonly (readonly [role: number, ...path: readonly string[]])[] = [
  [1, 'type'],
  [2, 'timestamp'],
  [3, 'uuid'],
  [4, 'cwd'],
  [5, 'gitBranch'],
  [6, 'version'],
  [7, 'isSidechain'],
  [8, 'isApiErrorMessage'],
  [9, 'costUSD'],
  [10, 'message'],
  [11, 'message', 'id'],
  [12, 'message', 'model'],
  [13, 'message', 'usage'],
  [14, 'message', 'usage', 'service_tier'],
  [15, 'message', 'usage', 'speed'],
  [9, 'message', 'usage', 'iterations'],
  [16, 'message', 'content'],
  [17, 'message', 'content', 'type'],
  [18, 'message', 'content', 'id'],
  [19, 'message', 'content', 'name'],
  [20, 'message', 'content', 'input'],
  [21, 'message', 'content', 'tool_use_id'],
  [22, 'message', 'content', 'is_error'],
  [23, 'message', 'content', 'content'],
  [25, 'isMeta'],
  [25, 'isCompactSummary'],
  [26, 'subtype'],
  [27, 'data', 'type'],
  [28, 'data', 'hookEvent'],
  [29, 'data', 'hookName'],
  [24, 'toolUseResult', 'agentId'],
  [24, 'toolUseResult', 'resolvedModel'],
  [24, 'toolUseResult', 'totalDurationMs'],
  [24, 'toolUseResult', 'totalToolUseCount'],
  [32, 'message', 'usage', 'input_tokens'],
  [33, 'message', 'usage', 'cache_read_input_tokens'],
  [34, 'message', 'usage', 'cache_creation_input_tokens'],
  [35, 'message', 'usage', 'cache_creation', 'ephemeral_5m_input_tokens'],
  [36, 'message', 'usage', 'cache_creation', 'ephemeral_1h_input_tokens'],
  [37, 'message', 'usage', 'output_tokens'],
  [38, 'message', 'usage', 'output_tokens_details', 'thinking_tokens'],
  [39, 'message', 'usage', 'output_tokens_details', 'reasoning_tokens'],
  [40, 'message', 'usage', 'server_tool_use', 'web_search_requests'],
];

/** Longest word that can be expected. */
const wordSize = 64;
/** How many types of rows that tell nothing can be named to it, and how many subtypes. */
const silentWords = 16;
/**
 * With more calls than these open a late answer is read as a row of its own: it makes room for one that is opened after it,
 * while {@link forgetCalls} makes room for all of them before.
 */
const mostLate = 32;
/** Stands for none. */
const noName: ToldName = { name: '', mcpServer: undefined, mcpTool: undefined };

class UsualRows implements RowTaker<Notes> {
  begin = 0;
  readonly #scanner: Scanner;
  readonly #module: UsualExports;
  readonly #twin: Twin;
  #names = [noName];
  #memory: ArrayBuffer | undefined;
  #numbers = new Float64Array();
  #told = new Int32Array();
  #bytes = Buffer.alloc(0);
  readonly #at: Readonly<Record<(typeof rooms)[number], number>>;

  constructor(scanner: Scanner, twin: Twin, module: UsualExports) {
    this.#scanner = scanner;
    this.#module = module;
    this.#twin = twin;
    const places = new Int32Array(module.memory.buffer, module.rooms(), rooms.length);
    this.#at = Object.fromEntries(rooms.map((room, i) => [room, places[i]])) as Record<(typeof rooms)[number], number>;
    const table = Buffer.from(module.memory.buffer, this.#at.roles, mostFields);
    for (const [role, ...path] of roles) table[fieldAt(scanner.plan, path)] = role;
    this.#writeSilent(0, silentTypes);
    this.#writeSilent(silentWords, silentSubtypes);
  }

  #writeSilent(from: number, words: ReadonlySet<string>): void {
    const { buffer } = this.#module.memory;
    if (words.size > silentWords) throw new RangeError('more words than there is room for');
    const sizes = new Int32Array(buffer, this.#at.silentSizes, 2 * silentWords);
    for (const [i, word] of [...words].entries())
      sizes[from + i] = Buffer.from(buffer, this.#at.silent + (from + i) * wordSize, wordSize).write(word, 'latin1');
  }

  take(batch: Context, begin: number, search: number, have: number): number {
    const module = this.#module;
    const notes = batch.state;
    this.begin = begin;
    // Any row may say whose an agent's log is.
    if (!notes.hasFacts && notes.agentId !== undefined) return this.#scanner.bytes.indexOf(10, search);
    this.#twin.hashAs(batch.file.digest);
    if (module.memory.buffer !== this.#memory) this.#look();
    this.#expect(notes, batch.lastTurn);
    let first = search;
    for (;;) {
      const end = module.take(this.begin, first, have);
      first = this.begin = this.#told[told.stoppedAt] as number;
      this.#tell(batch);
      if (end !== -2) return end;
      module.forgetNames(this.#twin.words);
      this.#names = [noName];
      this.#expect(notes, batch.lastTurn);
    }
  }

  /** Growing a memory detaches all that looked into it. */
  #look(): void {
    this.#memory = this.#module.memory.buffer;
    this.#numbers = new Float64Array(this.#memory);
    this.#told = new Int32Array(this.#memory, this.#at.told, Object.keys(told).length);
    this.#bytes = Buffer.from(this.#memory);
  }

  #expect(notes: Notes, lastTurn: string | undefined): void {
    const write = (word: string | undefined, at: number): number => {
      if (word === undefined || word.length > wordSize || !isAscii(word)) return 0;
      return this.#bytes.write(word, at, 'latin1');
    };
    const isOfAgent = notes.agentId !== undefined;
    this.#module.expect(
      notes.hasFacts ? 1 : 0,
      isOfAgent ? 1 : 0,
      notes.hasCwd ? 1 : 0,
      notes.prompts.length > 0 ? 1 : 0,
      notes.calls.length <= mostLate ? 1 : 0,
      write(notes.branch, this.#at.branch),
      write(notes.version, this.#at.version),
      write(notes.model, this.#at.model),
      write(lastTurn, this.#at.lastKey),
    );
  }

  #tell(batch: Context): void {
    const tells = this.#told;
    const rows = tells[told.rows] as number;
    if (rows === 0) return;
    batch.took(rows);
    const count = tells[told.turns] as number;
    if (count > 0) {
      forgetCalls(batch.state, tells[told.openAtOnce] as number);
      this.#learnNames(tells[told.names] as number);
      this.#tellRun(batch, {
        numbers: this.#numbers,
        turns: this.#at.turns / 8,
        turnCount: count,
        calls: this.#at.calls / 8,
        callCount: tells[told.calls] as number,
        texts: this.#text(this.#at.texts, tells[told.textsSize] as number),
        names: this.#names,
        facts: factsOf(batch.state),
      });
    }
    const userSize = tells[told.userSize] as number;
    if (userSize > 0) rememberUser(batch.state, '', this.#text(this.#at.user, userSize));
    this.#module.taken();
  }

  /** With a sink, the responses nothing can be added to go there: all but the last, and those that wait for an answer. */
  #tellRun(batch: Context, run: ToldRun): void {
    const { numbers, turns, turnCount, names, facts } = run;
    const { told: sink } = batch.file;
    let last = turns + (turnCount - 1) * turnWidth;
    while (sink !== undefined && last > turns && numbers[placeOf(last)] !== 0) last -= turnWidth;
    let isSunk = false;
    for (let row = turns; row < turns + turnCount * turnWidth; row += turnWidth) {
      if (numbers[placeOf(row)] !== 0) {
        tellOther(batch, run, row);
      } else if (sink !== undefined && row < last && isAnswered(run, row)) {
        numbers[placeOf(row)] = batch.handedOn(callKeys(run, row));
        isSunk = true;
        if (!facts.sidechain) answerPrompts(nameAt(names, (numbers[row + 2] as number) | 0), batch);
        continue;
      } else {
        tellTurn(batch, run, row);
      }
      numbers[placeOf(row)] = -1;
    }
    if (isSunk) sink?.take(run);
  }

  #text(at: number, size: number): string {
    return this.#bytes.toString('latin1', at, at + size);
  }

  #learnNames(count: number): void {
    if (this.#names.length > count) return;
    const ends = new Int32Array(this.#module.memory.buffer, this.#at.nameEnds, count + 1);
    for (let i = this.#names.length; i <= count; i++) {
      const from = ends[i - 1] as number;
      const name = this.#text(this.#at.names + from, (ends[i] as number) - from);
      this.#names.push({ name, ...serverOf(name) });
    }
  }
}

function factsOf({ session, branch, agentId }: Notes): ToldFacts {
  return { session, branch, sidechain: agentId !== undefined, compaction: agentId?.startsWith('acompact') };
}

function tellTurn(batch: Context, run: ToldRun, row: number): void {
  const turn = turnOf(run, row);
  batch.emitTurn(turn);
  for (const call of turn.tools)
    if (call.result === undefined) rememberCall(batch.state, { id: call.key, turn: turn.key, agentType: undefined });
  if (!turn.sidechain) answerPrompts(turn.model, batch);
}

/** A prompt, the answer to a call made before, or a hook. */
function tellOther(batch: Context, { numbers, texts, names, facts }: ToldRun, row: number): void {
  const keyAt = (numbers[row] as number) | 0;
  const key = texts.slice(keyAt, keyAt + ((numbers[row + 1] as number) | 0));
  const at = numbers[row + 8] as number;
  const kind = numbers[placeOf(row)];
  if (kind === 1) return takePrompt(key, at, numbers[row + 4] === 1 ? facts.branch : undefined, batch);
  if (kind === 3)
    return takeAnswer(key, plainAnswer(at, (numbers[row + 9] as number) | 0, numbers[row + 10] === 1), batch);
  const event = (numbers[row + 3] as number) | 0;
  const name = nameAt(names, (numbers[row + 2] as number) | 0);
  return takeHook(key, at, name, event === 0 ? undefined : nameAt(names, event), batch);
}

/** @throws TypeError for a field the plan does not have */
function fieldAt({ nodes, fields }: Plan, path: readonly string[]): number {
  let node = 0;
  let id = -1;
  for (const name of path) {
    const field = nodes[node]?.fields.find((each) => each.name === name);
    if (field === undefined) throw new TypeError(`no field ${path.join('.')}`);
    id = field.id;
    node = fields[id]?.node ?? -1;
  }
  return id;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
