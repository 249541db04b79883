import { readFileSync, statSync } from 'node:fs';
import type { KeyedHash } from '../keyed-hash.ts';
import { programRoot } from '../members.ts';
import type { PickedShape, Plan, PlanNode, Shape } from './fields.ts';
import { type RecordMaker, recordMaker } from './pick.ts';
import {
  keyHash,
  PADDING,
  PlainScanner,
  type Scanner,
  TAPE_LIMIT,
  type Twin,
  WORD_LIMIT,
  WORDS_PER_FIELD,
} from './scan.ts';

export interface ScannerOptions {
  /** The compiled twin to use, such as one that came from another thread; false: the reference. Default: `scanModule()`. */
  readonly wasm?: ScanModule | false | undefined;
}

/** The twin, compiled: may be posted to a worker and made into any number of scanners. */
export type ScanModule = WebAssembly.Module;

/** The fastest scanner this host can run. */
export function createScanner<S extends Shape>(
  plan: Plan<S>,
  { wasm = scanModule() ?? false }: ScannerOptions = {},
): Scanner<S> {
  try {
    if (wasm) return new WasmScanner(plan, wasm);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it is one where the system gives no address space for the memory
  }
  return new PlainScanner(plan);
}

/**
 * Compiles the built twin. Undefined where it was not built or the host has no WebAssembly SIMD. Takes 1 to 2 ms.
 * In development a build older than the twin's source is passed over: the two halves would not understand each other.
 */
function scanModule(): ScanModule | undefined {
  try {
    const source = sourceWrittenAt();
    const path = source === undefined ? 'scan.wasm' : '../dist/scan.wasm';
    if (source !== undefined && source > (writtenAt(path) ?? 0)) return undefined;
    return compileModule(readFileSync(new URL(path, programRoot)));
  } catch {
    return undefined; // the reference gives the same records
  }
}

/** Of the newest of the twin's files; undefined where only its build lies. */
function sourceWrittenAt(): number | undefined {
  const times = ['scanner', 'usual-rows', 'keyed-hash', 'time', 'module'].map((name) =>
    writtenAt(`readers/wasm/${name}.ts`),
  );
  return times[0] === undefined ? undefined : Math.max(...times.map((time) => time ?? 0));
}

function writtenAt(path: string): number | undefined {
  return statSync(new URL(path, programRoot), { throwIfNoEntry: false })?.mtimeMs;
}

/** @throws CompileError when these are not the twin's bytes, or the host has no WebAssembly SIMD */
export function compileModule(bytes: Uint8Array): ScanModule {
  return new WebAssembly.Module(bytes);
}

/** What of the twin's exports is used. Offsets count from the start of the bytes; addresses are the memory's. */
interface ScanExports {
  readonly memory: WebAssembly.Memory;
  start(): number;
  layOut(
    nodes: number,
    fields: number,
    wordSizes: number,
    wordBytes: number,
    wordNews: number,
    wordNames: number,
    tape: number,
    tapeEnd: number,
    packed: number,
    packedEnd: number,
    bytes: number,
  ): void;
  scan(from: number, to: number): number;
  length(): number;
  packedSize(): number;
  keyPlace(): number;
  hash(from: number, size: number): number;
}

/** New words of one record that are made into strings together; more of them are made one by one. */
const PACKED_SIZE = 8 * 1024; // 8 KiB
const PAGE = 64 * 1024; // 64 KiB, of the standard

// wasm/scanner.ts reads these layouts
const NODE_SIZE = 144;
const NODE_COUNT = 128;
const FIELD_SIZE = 96;
const FIELD_NAME = 32;

class WasmScanner<S extends Shape> implements Scanner<S> {
  readonly plan: Plan<S>;
  bytes: Buffer;
  #exports: ScanExports;
  #make: RecordMaker<S>;
  #made: PickedShape<S> | undefined;
  #tapeAt: number;
  #tape: Int32Array;
  #packedAt: number;
  #packed: Buffer;
  #bytesAt: number;
  readonly twin: Twin;
  #hash: KeyedHash | undefined;
  #memory: Buffer;
  readonly #news: { slots: Uint8Array } = { slots: new Uint8Array() };
  #newsAt: number;

  constructor(plan: Plan<S>, module: ScanModule) {
    this.plan = plan;
    const exports = new WebAssembly.Instance(module, {}).exports as unknown as ScanExports; // wasm/scanner.ts exports these
    this.#exports = exports;
    const words = plan.fields.length * WORDS_PER_FIELD;
    this.twin = { exports, words, hashAs: (hash) => this.#hashAs(hash) };
    let free = align(exports.start());
    const allot = (sizeBytes: number): number => {
      const at = free;
      free = align(free + sizeBytes);
      return at;
    };
    const nodesAt = allot(plan.nodes.length * NODE_SIZE);
    const fieldsAt = allot(plan.fields.length * FIELD_SIZE + 16); // names are compared 16 bytes at a time
    const wordSizesAt = allot(words * 4);
    const wordBytesAt = allot(words * WORD_LIMIT);
    this.#newsAt = allot(words);
    const wordNamesAt = allot(words * 4);
    this.#tapeAt = allot(TAPE_LIMIT * 4);
    this.#packedAt = allot(PACKED_SIZE + PADDING);
    this.#bytesAt = free;
    growTo(exports.memory, free + 64 * 1024 + PADDING);
    writePlan(new DataView(exports.memory.buffer), plan, nodesAt, fieldsAt);
    exports.layOut(
      nodesAt,
      fieldsAt,
      wordSizesAt,
      wordBytesAt,
      this.#newsAt,
      wordNamesAt,
      this.#tapeAt,
      this.#tapeAt + TAPE_LIMIT * 4,
      this.#packedAt,
      this.#packedAt + PACKED_SIZE,
      this.#bytesAt,
    );
    [this.#memory, this.bytes, this.#tape, this.#packed, this.#news.slots] = this.#views();
    this.#make = recordMaker(plan, this.#news);
  }

  /** @throws RangeError beyond what a WebAssembly memory can hold, 4 GiB */
  reserve(sizeBytes: number): void {
    if (sizeBytes <= this.bytes.length) return;
    growTo(this.#exports.memory, this.#bytesAt + sizeBytes + PADDING);
    [this.#memory, this.bytes, this.#tape, this.#packed, this.#news.slots] = this.#views();
  }

  scan(from: number, to: number): number {
    this.#made = undefined;
    return this.#exports.scan(from, to);
  }

  record(): PickedShape<S> {
    if (this.#made !== undefined) return this.#made;
    const packed = this.#packed.toString('latin1', 0, this.#exports.packedSize());
    return (this.#made = this.#make(this.bytes, this.#tape, this.#exports.length(), packed));
  }

  digest(from: number, to: number, hash: KeyedHash): string {
    this.#hashAs(hash);
    const at = this.#exports.hash(this.#bytesAt + from, to - from);
    return this.#memory.toString('latin1', at, at + 16);
  }

  #hashAs(hash: KeyedHash): void {
    if (hash === this.#hash) return;
    this.#memory.set(hash.key, this.#exports.keyPlace());
    this.#hash = hash;
  }

  /** Growing a memory detaches all that looked into it. */
  #views(): [memory: Buffer, bytes: Buffer, tape: Int32Array, packed: Buffer, news: Uint8Array] {
    const { buffer } = this.#exports.memory;
    return [
      Buffer.from(buffer),
      Buffer.from(buffer, this.#bytesAt, buffer.byteLength - this.#bytesAt - PADDING),
      new Int32Array(buffer, this.#tapeAt, TAPE_LIMIT),
      Buffer.from(buffer, this.#packedAt, PACKED_SIZE),
      new Uint8Array(buffer, this.#newsAt, this.twin.words),
    ];
  }
}

function align(address: number): number {
  return (address + 15) & ~15;
}

function growTo(memory: WebAssembly.Memory, sizeBytes: number): void {
  const missing = Math.ceil((sizeBytes - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);
}

function writePlan(view: DataView, plan: Plan, nodesAt: number, fieldsAt: number): void {
  for (const { id, kind, node, name } of plan.fields) {
    const at = fieldsAt + id * FIELD_SIZE;
    view.setInt32(at, kind, true);
    view.setInt32(at + 4, node, true);
    view.setInt32(at + 8, name.length, true);
    for (let i = 0; i < name.length; i++) view.setUint8(at + FIELD_NAME + i, name.charCodeAt(i));
  }
  plan.nodes.forEach((node, id) => writeNode(view, node, nodesAt + id * NODE_SIZE, fieldsAt));
}

/** Fields of equal hash are chained, the last one first. */
function writeNode(view: DataView, { fields }: PlanNode, nodeAt: number, fieldsAt: number): void {
  for (const { id, name } of fields) {
    const slotAt = nodeAt + keyHash(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1)) * 2;
    view.setInt32(fieldsAt + id * FIELD_SIZE + 12, view.getUint16(slotAt, true), true);
    view.setUint16(slotAt, id + 1, true);
  }
  view.setUint32(nodeAt + NODE_COUNT, fields.length, true);
}

/** What is used of the host's WebAssembly; neither lib es2023 nor @types/node declares it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: object;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
