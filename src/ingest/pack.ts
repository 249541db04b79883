import type {
  ActivityEvent,
  CompactionEvent,
  LimitEvent,
  LogEvent,
  PromptEvent,
  SessionEvent,
  StretchEvent,
  ToolCall,
  ToolResult,
  TurnEvent,
  TurnSource,
} from '../events.ts';

/**
 * Events on their way between threads: numbers in one array, and three kinds of text. Handing the objects themselves
 * over would cost more than reading the log did. What is written and what is read stand side by side below, kind by
 * kind; a test holds them equal for every field.
 */
export interface PackedEvents {
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Names not sent before: sessions, models, branches, tools. Each is sent once and then told by its number. */
  readonly names: readonly string[];
  /** Keys, which come but once or twice, one behind the other. */
  readonly keys: string;
}

const kinds = [
  'session',
  'turn',
  'prompt',
  'tool_result',
  'compaction',
  'activity',
  'limit',
  'tool',
  'stretch',
  'copied',
] as const;

/** Packs batch after batch for one unpacker, which must be given all of them in their order. */
export function createPacker(): (events: readonly LogEvent[]) => PackedEvents {
  const packer = new Packer();
  return (events) => {
    for (const event of events) {
      packer.number(kinds.indexOf(event.kind));
      pack(packer, event);
    }
    return packer.take();
  };
}

export function createUnpacker(): (packed: PackedEvents) => readonly LogEvent[] {
  const reader = new Unpacker();
  return (packed) => {
    reader.open(packed);
    const events: LogEvent[] = [];
    while (reader.hasMore) events.push(unpack(reader));
    return events;
  };
}

/** Nearly all there is are turns. They and their calls stand apart, short enough for V8 to make quick code of them soon. */
function pack(to: Packer, event: LogEvent): void {
  if (event.kind === 'turn') packTurn(to, event);
  else packOther(to, event);
}

/** Numbers a turn takes without its calls, and what each of them takes. */
const turnRoom = 32;
const callRoom = 32;

function packTurn(to: Packer, event: TurnEvent): void {
  const { usage, tools } = event;
  const numbers = to.room(turnRoom);
  let i = to.length;
  numbers[i++] = to.keyLength(event.key);
  numbers[i++] = to.indexAt(0, event.session);
  numbers[i++] = to.indexAt(1, event.model);
  numbers[i++] = to.indexAt(2, event.serviceTier);
  numbers[i++] = to.indexAt(3, event.rank);
  numbers[i++] = to.indexAt(4, event.branch);
  numbers[i++] = to.indexAt(5, event.quality);
  numbers[i++] = to.indexAt(6, event.copies);
  numbers[i++] = event.fast ? 1 : 0;
  numbers[i++] = event.sidechain ? 1 : 0;
  numbers[i++] = flagOf(event.compaction);
  numbers[i++] = flagOf(event.suspect);
  numbers[i++] = event.at ?? absent;
  numbers[i++] = event.costNanoUsd ?? absent;
  numbers[i++] = event.webSearchRequests;
  numbers[i++] = event.promptTokens;
  numbers[i++] = event.contextTokens;
  numbers[i++] = usage.uncachedInputTokens;
  numbers[i++] = usage.cacheReadInputTokens;
  numbers[i++] = usage.cacheCreation5mInputTokens;
  numbers[i++] = usage.cacheCreation1hInputTokens;
  numbers[i++] = usage.outputTokens;
  numbers[i++] = usage.reasoningOutputTokens ?? absent;
  numbers[i++] = event.responses ?? absent;
  numbers[i++] = event.forkDepth ?? absent;
  to.length = i;
  packSource(to, event.source);
  to.number(tools.length);
  for (const call of tools) packCall(to, call);
}

function packOther(to: Packer, event: Exclude<LogEvent, TurnEvent>): void {
  switch (event.kind) {
    case 'session':
      to.names(
        event.session,
        event.parent,
        event.cwd,
        event.projectHint,
        event.branch,
        event.version,
        event.agentType,
        event.rank,
      );
      return to.numbers(event.contextWindow, event.contextTokens, event.at);
    case 'prompt':
      to.key(event.key);
      to.key(event.turn);
      to.names(event.session, event.model, event.branch, event.rank);
      return to.numbers(event.at, event.forkDepth);
    case 'tool_result':
      to.key(event.key);
      to.key(event.turn);
      to.names(event.session);
      return packResult(to, event.result);
    case 'compaction':
      to.key(event.key);
      to.names(event.session, event.trigger);
      to.flags(event.micro);
      return to.numbers(event.at, event.preTokens, event.postTokens, event.forkDepth);
    case 'activity':
      to.key(event.key);
      to.names(event.session, event.type, event.phase, event.name, event.hookType, event.status);
      to.names(event.correlation, event.parent, event.agentType, event.executionMode, event.model);
      to.key(event.inputDigest);
      to.flags(event.success);
      to.numbers(event.at, event.durationMs, event.count, event.inputSizeBytes, event.outputSizeBytes);
      return to.numbers(event.totalTokens, event.toolCalls, event.forkDepth);
    case 'limit':
      to.key(event.key);
      to.names(event.session, event.window, event.plan);
      to.flags(event.reached);
      return to.numbers(event.at, event.windowMinutes, event.usedPct, event.used, event.entitlement, event.resetsAt);
    case 'tool':
      to.names(event.session, event.model, event.branch);
      to.flags(event.sidechain);
      return packCall(to, event.call);
    case 'stretch':
      to.names(event.session);
      return to.numbers(event.at, event.told?.rank, event.told?.from);
    case 'copied':
      return to.names(event.session);
    default:
      event satisfies never;
  }
}

function packSource(to: Packer, source: TurnSource | undefined): void {
  to.number(source?.rank);
  if (source === undefined) return;
  to.names(source.session);
  to.numbers(source.from);
  to.flags(source.isExtra);
}

function packCall(to: Packer, call: ToolCall): void {
  const { executionMode, requestedModel, parent, result } = call;
  const isTask = executionMode !== undefined || requestedModel !== undefined || parent !== undefined;
  const numbers = to.room(callRoom);
  let i = to.length;
  numbers[i++] = to.keyLength(call.key);
  numbers[i++] = to.keyLength(call.inputDigest);
  numbers[i++] = to.indexOf(call.name);
  numbers[i++] = to.indexOf(call.mcpServer);
  numbers[i++] = to.indexOf(call.mcpTool);
  numbers[i++] = to.indexOf(call.target);
  numbers[i++] = to.indexAt(7, call.type);
  numbers[i++] = call.at ?? absent;
  numbers[i++] = call.inputSizeBytes;
  numbers[i++] = isTask ? 1 : 0;
  numbers[i++] = result === undefined ? 0 : 1;
  to.length = i;
  if (isTask) to.names(executionMode, requestedModel, parent);
  if (result !== undefined) packResult(to, result);
}

function packResult(to: Packer, result: ToolResult): void {
  const numbers = to.room(callRoom);
  let i = to.length;
  numbers[i++] = to.indexOf(result.childSession);
  numbers[i++] = to.indexOf(result.childAgentType);
  numbers[i++] = to.indexOf(result.resolvedModel);
  numbers[i++] = to.indexOf(result.status);
  numbers[i++] = result.isError ? 1 : 0;
  numbers[i++] = result.at ?? absent;
  numbers[i++] = result.outputSizeBytes;
  numbers[i++] = result.durationMs ?? absent;
  numbers[i++] = result.toolCalls ?? absent;
  numbers[i++] = result.totalTokens ?? absent;
  to.length = i;
}

function flagOf(value: boolean | undefined): number {
  return value === undefined ? absent : value ? 1 : 0;
}

/** Fields stand in the order in which they were packed: a literal's fields are evaluated from top to bottom. */
function unpack(from: Unpacker): LogEvent {
  const kind = kinds[from.count()];
  return kind === 'turn' ? unpackTurn(from) : unpackOther(from, kind);
}

function unpackTurn(from: Unpacker): TurnEvent {
  return {
    kind: 'turn',
    key: from.key() ?? '',
    session: from.name(),
    model: from.name(),
    serviceTier: from.text(),
    rank: from.name() as TurnEvent['rank'],
    branch: from.text(),
    quality: from.name() as TurnEvent['quality'],
    copies: from.text() as TurnEvent['copies'],
    fast: from.count() === 1,
    sidechain: from.count() === 1,
    compaction: from.flag(),
    suspect: from.flag(),
    at: from.number(),
    costNanoUsd: from.number(),
    webSearchRequests: from.count(),
    promptTokens: from.count(),
    contextTokens: from.count(),
    usage: {
      uncachedInputTokens: from.count(),
      cacheReadInputTokens: from.count(),
      cacheCreation5mInputTokens: from.count(),
      cacheCreation1hInputTokens: from.count(),
      outputTokens: from.count(),
      reasoningOutputTokens: from.number(),
    },
    responses: from.number(),
    forkDepth: from.number(),
    source: unpackSource(from),
    tools: unpackCalls(from),
  };
}

function unpackOther(from: Unpacker, kind: Exclude<LogEvent['kind'], 'turn'> | undefined): LogEvent {
  switch (kind) {
    case 'session':
      return {
        kind,
        session: from.name(),
        parent: from.text(),
        cwd: from.text(),
        projectHint: from.text(),
        branch: from.text(),
        version: from.text(),
        agentType: from.text(),
        rank: from.name() as SessionEvent['rank'],
        contextWindow: from.number(),
        contextTokens: from.number(),
        at: from.number(),
      };
    case 'prompt':
      return {
        kind,
        key: from.key() ?? '',
        turn: from.key(),
        session: from.name(),
        model: from.text(),
        branch: from.text(),
        rank: from.name() as PromptEvent['rank'],
        at: from.number(),
        forkDepth: from.number(),
      };
    case 'tool_result':
      return {
        kind,
        key: from.key() ?? '',
        turn: from.key() ?? '',
        session: from.name(),
        result: unpackResult(from),
      };
    case 'compaction':
      return {
        kind,
        key: from.key() ?? '',
        session: from.name(),
        trigger: from.text(),
        micro: from.flag() === true,
        at: from.number(),
        preTokens: from.number(),
        postTokens: from.number(),
        forkDepth: from.number(),
      } satisfies CompactionEvent;
    case 'activity':
      return {
        kind,
        key: from.key() ?? '',
        session: from.name(),
        type: from.name() as ActivityEvent['type'],
        phase: from.name() as ActivityEvent['phase'],
        name: from.name(),
        hookType: from.text(),
        status: from.text(),
        correlation: from.text(),
        parent: from.text(),
        agentType: from.text(),
        executionMode: from.text(),
        model: from.text(),
        inputDigest: from.key(),
        success: from.flag(),
        at: from.number(),
        durationMs: from.number(),
        count: from.number(),
        inputSizeBytes: from.number(),
        outputSizeBytes: from.number(),
        totalTokens: from.number(),
        toolCalls: from.number(),
        forkDepth: from.number(),
      };
    case 'limit':
      return {
        kind,
        key: from.key() ?? '',
        session: from.text(),
        window: from.name(),
        plan: from.text(),
        reached: from.flag() === true,
        at: from.number(),
        windowMinutes: from.number(),
        usedPct: from.number(),
        used: from.number(),
        entitlement: from.number(),
        resetsAt: from.number(),
      } satisfies LimitEvent;
    case 'tool':
      return {
        kind,
        session: from.name(),
        model: from.text(),
        branch: from.text(),
        sidechain: from.flag() === true,
        call: unpackCall(from),
      };
    case 'stretch':
      return { kind, session: from.name(), at: from.number(), told: unpackTold(from) };
    case 'copied':
      return { kind, session: from.name() };
    case undefined:
      throw new TypeError('packed events are out of step');
    default:
      return kind satisfies never;
  }
}

function unpackSource(from: Unpacker): TurnSource | undefined {
  const rank = from.number();
  return rank === undefined ? undefined : { rank, session: from.name(), from: from.number(), isExtra: from.flag() };
}

function unpackTold(from: Unpacker): StretchEvent['told'] {
  const rank = from.number();
  const since = from.number();
  return rank === undefined || since === undefined ? undefined : { rank, from: since };
}

const noTools: readonly ToolCall[] = [];

function unpackCalls(from: Unpacker): readonly ToolCall[] {
  const count = from.count();
  if (count === 0) return noTools;
  const calls: ToolCall[] = [];
  for (let i = 0; i < count; i++) calls.push(unpackCall(from));
  return calls;
}

function unpackCall(from: Unpacker): ToolCall {
  const key = from.key() ?? '';
  const inputDigest = from.key();
  const name = from.name();
  const mcpServer = from.text();
  const mcpTool = from.text();
  const target = from.text();
  const type = from.name() as ToolCall['type'];
  const at = from.number();
  const inputSizeBytes = from.count();
  const isTask = from.count() === 1;
  const hasResult = from.count() === 1;
  return {
    key,
    inputDigest,
    name,
    mcpServer,
    mcpTool,
    target,
    type,
    at,
    inputSizeBytes,
    executionMode: isTask ? from.text() : undefined,
    requestedModel: isTask ? from.text() : undefined,
    parent: isTask ? from.text() : undefined,
    result: hasResult ? unpackResult(from) : undefined,
  };
}

function unpackResult(from: Unpacker): ToolResult {
  return {
    childSession: from.text(),
    childAgentType: from.text(),
    resolvedModel: from.text(),
    status: from.text(),
    isError: from.count() === 1,
    at: from.number(),
    outputSizeBytes: from.count(),
    durationMs: from.number(),
    toolCalls: from.number(),
    totalTokens: from.number(),
  };
}

/** Stands for "absent" in every slot. */
const absent = Number.NaN;

class Packer {
  /** How many of {@link Packer.room} are taken. */
  length = 0;
  #numbers = new Float64Array(4096);
  #known = new Map<string, number>();
  #names: string[] = [];
  #keys: string[] = [];
  readonly #lastNames: string[] = [];
  readonly #lastIndices: number[] = [];

  /** The numbers, with room for so many behind those taken. */
  room(count: number): Float64Array {
    if (this.length + count > this.#numbers.length) this.#grow();
    return this.#numbers;
  }

  number(value: number | undefined): void {
    this.room(1)[this.length++] = value ?? absent;
  }

  numbers(...values: readonly (number | undefined)[]): void {
    for (const value of values) this.number(value);
  }

  flags(...values: readonly (boolean | undefined)[]): void {
    for (const value of values) this.number(flagOf(value));
  }

  names(...values: readonly (string | undefined)[]): void {
    for (const value of values) this.number(this.indexOf(value));
  }

  key(text: string | undefined): void {
    this.number(this.keyLength(text));
  }

  /** Takes a key and gives what stands for it among the numbers. */
  keyLength(text: string | undefined): number {
    if (text === undefined) return absent;
    this.#keys.push(text);
    return text.length;
  }

  /** Likewise of a name. */
  indexOf(name: string | undefined): number {
    if (name === undefined) return absent;
    return this.#known.get(name) ?? this.#learn(name);
  }

  /** Likewise where mostly the same one stands as before; places are numbers from 0 on. */
  indexAt(place: number, name: string | undefined): number {
    if (name === undefined) return absent;
    if (name !== this.#lastNames[place]) {
      this.#lastIndices[place] = this.indexOf(name);
      this.#lastNames[place] = name;
    }
    return this.#lastIndices[place] as number; // as it was just seen to be
  }

  take(): PackedEvents {
    const packed = {
      numbers: this.#numbers.slice(0, this.length),
      names: this.#names,
      keys: this.#keys.join(''),
    };
    this.length = 0;
    this.#names = [];
    this.#keys = [];
    return packed;
  }

  #learn(name: string): number {
    const index = this.#known.size;
    this.#known.set(name, index);
    this.#names.push(name);
    return index;
  }

  #grow(): void {
    const larger = new Float64Array(this.#numbers.length * 2); // more than is ever asked for at once
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

class Unpacker {
  #numbers = new Float64Array();
  #names: string[] = [];
  #keys = '';
  #at = 0;
  #keyAt = 0;

  open({ numbers, names, keys }: PackedEvents): void {
    this.#numbers = numbers;
    for (const name of names) this.#names.push(name);
    this.#keys = keys;
    this.#at = 0;
    this.#keyAt = 0;
  }

  get hasMore(): boolean {
    return this.#at < this.#numbers.length;
  }

  number(): number | undefined {
    const value = this.#numbers[this.#at++] as number; // within what was packed
    return Number.isNaN(value) ? undefined : value;
  }

  count(): number {
    return this.#numbers[this.#at++] as number; // packed from a number
  }

  flag(): boolean | undefined {
    const value = this.#numbers[this.#at++] as number;
    return Number.isNaN(value) ? undefined : value === 1;
  }

  text(): string | undefined {
    const index = this.#numbers[this.#at++] as number;
    return Number.isNaN(index) ? undefined : this.#names[index];
  }

  name(): string {
    return this.text() ?? '';
  }

  key(): string | undefined {
    const length = this.number();
    return length === undefined ? undefined : this.#keys.slice(this.#keyAt, (this.#keyAt += length));
  }
}
