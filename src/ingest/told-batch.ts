import type { LogEvent } from '../events.ts';
import {
  callWidth,
  placeOf,
  type ToldFacts,
  type ToldName,
  type ToldRun,
  type ToldSink,
  turnOf,
  turnWidth,
} from '../told-turns.ts';

/** The responses of a batch on their way between threads, as they were told. */
export interface ToldBatch {
  /** Of every run its head, the rows of its responses and those of its calls. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** The texts of the runs, one behind the other. */
  readonly texts: string;
  /** Not sent before. */
  readonly names: readonly ToldName[];
  readonly facts: readonly ToldFacts[];
}

/** Responses, calls, length of the texts, new names, whether these begin their numbers anew, and which facts hold. */
const headWidth = 6;

/** Collects runs, batch after batch, for one teller, which must be given all of them in their order. */
export class ToldCollector implements ToldSink {
  #numbers = new Float64Array(8192);
  #length = 0;
  #texts: string[] = [];
  #newNames: ToldName[] = [];
  #facts: ToldFacts[] = [];
  /** The list the names are of, and how many of it were sent. */
  #names: readonly ToldName[] = [];
  #sent = 0;

  take({ numbers, turns, turnCount, calls, callCount, texts, names, facts }: ToldRun): void {
    const isAnew = names !== this.#names;
    if (isAnew) {
      this.#names = names;
      this.#sent = 0;
    }
    const newNames = names.length - this.#sent;
    for (; this.#sent < names.length; this.#sent++) this.#newNames.push(names[this.#sent] as ToldName);
    if (!sameFacts(this.#facts.at(-1), facts)) this.#facts.push(facts);
    this.#texts.push(texts);
    const turnSize = turnCount * turnWidth;
    const callSize = callCount * callWidth;
    this.#makeRoom(headWidth + turnSize + callSize);
    const into = this.#numbers;
    let at = this.#length;
    into[at++] = turnCount;
    into[at++] = callCount;
    into[at++] = texts.length;
    into[at++] = newNames;
    into[at++] = isAnew ? 1 : 0;
    into[at++] = this.#facts.length - 1;
    into.set(numbers.subarray(turns, turns + turnSize), at);
    into.set(numbers.subarray(calls, calls + callSize), at + turnSize);
    this.#length = at + turnSize + callSize;
  }

  /** All since the last call; undefined: nothing. */
  close(): ToldBatch | undefined {
    if (this.#length === 0) return undefined;
    const batch = {
      numbers: this.#numbers.slice(0, this.#length),
      texts: this.#texts.join(''),
      names: this.#newNames,
      facts: this.#facts,
    };
    this.#length = 0;
    this.#texts = [];
    this.#newNames = [];
    this.#facts = [];
    return batch;
  }

  /** What was taken since is not wanted: the file broke off. Names are sent anew, for those went with it. */
  drop(): void {
    this.close();
    this.#names = [];
  }

  #makeRoom(count: number): void {
    let size = this.#numbers.length;
    if (this.#length + count <= size) return;
    while (size < this.#length + count) size *= 2;
    const larger = new Float64Array(size);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

function sameFacts(a: ToldFacts | undefined, b: ToldFacts): boolean {
  return (
    a !== undefined &&
    a.session === b.session &&
    a.branch === b.branch &&
    a.sidechain === b.sidechain &&
    a.compaction === b.compaction
  );
}

/** Makes events of what was told, between the others of its batch. */
export function createTeller(): (told: ToldBatch, others: readonly LogEvent[]) => readonly LogEvent[] {
  let names: ToldName[] = [];
  return ({ numbers, texts, names: newNames, facts }, others) => {
    const events: LogEvent[] = [];
    let other = 0;
    let nameAt = 0;
    let textsAt = 0;
    for (let at = 0; at < numbers.length; ) {
      const [turnCount, callCount, textsSize, nameCount, isAnew, factsAt] = numbers.subarray(
        at,
        at + headWidth,
      ) as unknown as Head; // as `take` wrote it
      if (isAnew === 1) names = [];
      for (const end = nameAt + nameCount; nameAt < end; nameAt++) names.push(newNames[nameAt] as ToldName);
      const turns = at + headWidth;
      const calls = turns + turnCount * turnWidth;
      const run: ToldRun = {
        numbers,
        turns,
        turnCount,
        calls,
        callCount,
        texts: texts.slice(textsAt, (textsAt += textsSize)),
        names,
        facts: facts[factsAt] as ToldFacts,
      };
      for (let row = turns; row < calls; row += turnWidth) {
        const before = numbers[placeOf(row)] as number;
        if (before < 0) continue;
        while (other < before) events.push(others[other++] as LogEvent);
        events.push(turnOf(run, row));
      }
      at = calls + callCount * callWidth;
    }
    while (other < others.length) events.push(others[other++] as LogEvent);
    return events;
  };
}

type Head = readonly [
  turnCount: number,
  callCount: number,
  textsSize: number,
  nameCount: number,
  isAnew: number,
  factsAt: number,
];
