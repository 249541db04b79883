import type {
  ActivityEvent,
  CompactionEvent,
  LimitEvent,
  LogEvent,
  PromptEvent,
  SessionEvent,
  ToolCallEvent,
  ToolResultEvent,
  TurnEvent,
} from '../events.ts';

/**
 * Events on their way between threads: numbers in one array, texts in another. Handing the objects themselves over
 * would cost more than reading the log did. What is written and what is read stand side by side below, kind by kind;
 * a test holds them equal for every field.
 */
export interface PackedEvents {
  readonly numbers: Float64Array;
  readonly texts: readonly string[];
}

const kinds = ['session', 'turn', 'prompt', 'tool_call', 'tool_result', 'compaction', 'activity', 'limit'] as const;

export function packEvents(events: readonly LogEvent[]): PackedEvents {
  const packer = new Packer(events.length * 16);
  for (const event of events) {
    packer.number(kinds.indexOf(event.kind));
    pack(packer, event);
  }
  return packer.close();
}

export function unpackEvents(packed: PackedEvents): readonly LogEvent[] {
  const reader = new Unpacker(packed);
  const events: LogEvent[] = [];
  while (reader.hasMore) events.push(unpack(reader));
  return events;
}

function pack(to: Packer, event: LogEvent): void {
  switch (event.kind) {
    case 'session':
      to.texts(
        event.session,
        event.parent,
        event.cwd,
        event.projectHint,
        event.branch,
        event.version,
        event.agentType,
        event.rank,
      );
      return to.numbers(event.contextWindow, event.at);
    case 'turn':
      to.texts(event.key, event.session, event.model, event.serviceTier, event.rank, event.branch, event.quality);
      to.flags(event.fast, event.sidechain, event.compaction, event.suspect);
      to.numbers(event.at, event.costNanoUsd, event.webSearchRequests, event.promptTokens, event.contextTokens);
      to.numbers(
        event.usage.uncachedInputTokens,
        event.usage.cacheReadInputTokens,
        event.usage.cacheCreation5mInputTokens,
      );
      return to.numbers(
        event.usage.cacheCreation1hInputTokens,
        event.usage.outputTokens,
        event.usage.reasoningOutputTokens,
      );
    case 'prompt':
      to.texts(event.key, event.session, event.model, event.branch, event.rank);
      return to.numbers(event.at);
    case 'tool_call':
      to.texts(
        event.key,
        event.turn,
        event.session,
        event.name,
        event.mcpServer,
        event.mcpTool,
        event.target,
        event.type,
      );
      to.numbers(event.at, event.inputSizeBytes);
      return to.digest(event.inputDigest);
    case 'tool_result':
      to.texts(
        event.key,
        event.turn,
        event.session,
        event.childSession,
        event.childAgentType,
        event.resolvedModel,
        event.status,
      );
      to.flags(event.isError);
      return to.numbers(event.at, event.outputSizeBytes, event.durationMs, event.toolCalls);
    case 'compaction':
      to.texts(event.key, event.session, event.trigger);
      to.flags(event.micro);
      return to.numbers(event.at, event.preTokens, event.postTokens);
    case 'activity':
      to.texts(event.key, event.session, event.type, event.phase, event.name, event.hookType, event.status);
      to.flags(event.success);
      return to.numbers(event.at, event.durationMs, event.count);
    case 'limit':
      to.texts(event.key, event.session, event.window, event.plan);
      to.flags(event.reached);
      return to.numbers(event.at, event.windowMinutes, event.usedPct, event.resetsAt);
    default:
      event satisfies never;
  }
}

/** Fields stand in the order in which they were packed: a literal's fields are evaluated from top to bottom. */
function unpack(from: Unpacker): LogEvent {
  const kind = kinds[from.number() ?? 0];
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
        at: from.number(),
      };
    case 'turn':
      return {
        kind,
        key: from.name(),
        session: from.name(),
        model: from.name(),
        serviceTier: from.text(),
        rank: from.name() as TurnEvent['rank'],
        branch: from.text(),
        quality: from.name() as TurnEvent['quality'],
        fast: from.flag() === true,
        sidechain: from.flag() === true,
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
      };
    case 'prompt':
      return {
        kind,
        key: from.name(),
        session: from.name(),
        model: from.text(),
        branch: from.text(),
        rank: from.name() as PromptEvent['rank'],
        at: from.number(),
      };
    case 'tool_call':
      return {
        kind,
        key: from.name(),
        turn: from.name(),
        session: from.name(),
        name: from.name(),
        mcpServer: from.text(),
        mcpTool: from.text(),
        target: from.text(),
        type: from.name() as ToolCallEvent['type'],
        at: from.number(),
        inputSizeBytes: from.count(),
        inputDigest: from.digest(),
      };
    case 'tool_result':
      return {
        kind,
        key: from.name(),
        turn: from.name(),
        session: from.name(),
        childSession: from.text(),
        childAgentType: from.text(),
        resolvedModel: from.text(),
        status: from.text(),
        isError: from.flag() === true,
        at: from.number(),
        outputSizeBytes: from.count(),
        durationMs: from.number(),
        toolCalls: from.number(),
      } satisfies ToolResultEvent;
    case 'compaction':
      return {
        kind,
        key: from.name(),
        session: from.name(),
        trigger: from.text(),
        micro: from.flag() === true,
        at: from.number(),
        preTokens: from.number(),
        postTokens: from.number(),
      } satisfies CompactionEvent;
    case 'activity':
      return {
        kind,
        key: from.name(),
        session: from.name(),
        type: from.name() as ActivityEvent['type'],
        phase: from.name() as ActivityEvent['phase'],
        name: from.name(),
        hookType: from.text(),
        status: from.text(),
        success: from.flag(),
        at: from.number(),
        durationMs: from.number(),
        count: from.number(),
      };
    case 'limit':
      return {
        kind,
        key: from.name(),
        session: from.text(),
        window: from.name(),
        plan: from.text(),
        reached: from.flag() === true,
        at: from.number(),
        windowMinutes: from.number(),
        usedPct: from.number(),
        resetsAt: from.number(),
      } satisfies LimitEvent;
    case undefined:
      throw new TypeError('packed events are out of step');
    default:
      return kind satisfies never;
  }
}

/** Stands for "absent" in every slot. */
const absent = Number.NaN;
/** Texts written lately; most repeat the ones of the event before. */
const recentTexts = 16;

class Packer {
  #numbers: Float64Array<ArrayBuffer>;
  #length = 0;
  #texts: string[] = [];
  #recent: (string | undefined)[] = new Array(recentTexts).fill(undefined);
  #recentAt = new Int32Array(recentTexts);
  #next = 0;

  constructor(size: number) {
    this.#numbers = new Float64Array(Math.max(64, size));
  }

  number(value: number | undefined): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = value ?? absent;
  }

  numbers(...values: readonly (number | undefined)[]): void {
    for (const value of values) this.number(value);
  }

  flags(...values: readonly (boolean | undefined)[]): void {
    for (const value of values) this.number(value === undefined ? absent : value ? 1 : 0);
  }

  texts(...values: readonly (string | undefined)[]): void {
    for (const value of values) this.number(value === undefined ? absent : this.#indexOf(value));
  }

  digest(bytes: Uint8Array | undefined): void {
    this.number(bytes === undefined ? absent : 1);
    if (bytes === undefined) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    for (let i = 0; i < 16; i += 4) this.number(view.getUint32(i));
  }

  close(): PackedEvents {
    return { numbers: this.#numbers.slice(0, this.#length), texts: this.#texts };
  }

  #indexOf(text: string): number {
    for (let i = 0; i < recentTexts; i++) if (this.#recent[i] === text) return this.#recentAt[i] as number;
    const index = this.#texts.push(text) - 1;
    this.#recent[this.#next] = text;
    this.#recentAt[this.#next] = index;
    this.#next = (this.#next + 1) % recentTexts;
    return index;
  }
}

class Unpacker {
  #numbers: Float64Array;
  #texts: readonly string[];
  #at = 0;

  constructor({ numbers, texts }: PackedEvents) {
    this.#numbers = numbers;
    this.#texts = texts;
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
    return Number.isNaN(index) ? undefined : this.#texts[index];
  }

  name(): string {
    return this.#texts[this.#numbers[this.#at++] as number] ?? '';
  }

  digest(): Uint8Array | undefined {
    if (this.number() === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(16);
    for (let i = 0; i < 16; i += 4) bytes.writeUInt32BE(this.count(), i);
    return bytes;
  }
}
