import { kinds, type PickedShape, type Plan, type PlanField, type PlanNode, type Shape, TEXT_LIMIT } from './fields.ts';

/**
 * Takes from a parsed record what the plan names. This is the meaning of a plan: the scanners give the same, except
 * that they know a value's size and place in the file.
 * @throws RangeError when a sized value is nested too deeply to be serialised
 */
export function pick<S extends Shape>(value: unknown, plan: Plan<S>): PickedShape<S> {
  return pickNode(value, plan, 0) as PickedShape<S>; // node 0 was compiled from S
}

/** An object built from a plan's names only; what S says of it is known to the plan alone. */
type Taken = Record<string, unknown>;

function pickNode(value: unknown, plan: Plan, node: number): Taken {
  const names = (plan.nodes[node] as PlanNode).fields; // a plan's own index
  const taken: Taken = {};
  for (const field of names) {
    taken[field.name] =
      isObject(value) && Object.hasOwn(value, field.name) ? pickField(value[field.name], plan, field) : undefined;
  }
  return taken;
}

function pickField(value: unknown, plan: Plan, { kind, node }: PlanField): unknown {
  if (value === null) return undefined;
  switch (kind) {
    case kinds.text:
      return typeof value === 'string' ? cut(value) : undefined;
    case kinds.number:
      return typeof value === 'number' ? value : Number.NaN;
    case kinds.scalar:
      return typeof value === 'string' ? cut(value) : typeof value === 'number' ? value : undefined;
    case kinds.flag:
      return typeof value === 'boolean' ? value : undefined;
    case kinds.object:
      return isObject(value) ? pickNode(value, plan, node) : undefined;
    case kinds.textOr:
      if (typeof value === 'string') return cut(value);
      return isObject(value) ? pickNode(value, plan, node) : undefined;
    case kinds.list:
      return {
        sizeBytes: serialisedSize(value),
        isText: typeof value === 'string',
        items: Array.isArray(value) ? value.map((element) => pickNode(element, plan, node)) : [],
      };
    case kinds.sized:
      return keepingWhole(value, {
        sizeBytes: serialisedSize(value),
        start: undefined,
        end: undefined,
        isText: typeof value === 'string',
        isList: Array.isArray(value),
        fields: isObject(value) && hasFields(plan, node) ? pickNode(value, plan, node) : undefined,
      });
    default:
      return kind satisfies never;
  }
}

/** Out of sight of whoever copies or prints the record. */
function keepingWhole(value: unknown, sized: object): object {
  return typeof value === 'object' ? Object.defineProperty(sized, 'whole', { value, enumerable: false }) : sized;
}

function serialisedSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasFields(plan: Plan, node: number): boolean {
  return (plan.nodes[node] as PlanNode).fields.length > 0; // a plan's own index
}

/** Cut by copying: a slice would keep the whole text alive. */
function cut(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  return Buffer.from(text.slice(0, TEXT_LIMIT), 'utf16le').toString('utf16le');
}

/**
 * What a scanner notes of each wanted value: four integers, in the order of the log.
 * 0: field id * 16 + tag. 1 and 2: start and end in the bytes (of a text without its quotes). 3: index of the next entry, or the slot of a word.
 * Entries of what lies within follow their container's entry, up to its next.
 */
export const tags = {
  true: 0,
  false: 1,
  /** Of another type than the plan's number. */
  bad: 2,
  /** A whole number of at most nine digits: the value itself stands at 1. */
  whole: 3,
  number: 4,
  ascii: 5,
  /** Text with escapes or bytes outside ASCII. */
  encoded: 6,
  /** Text equal to the one last learnt in the slot. */
  word: 7,
  /** ASCII text that the slot stands for from now on. 1 and 2 are its place in the packed words where the scanner packs them. */
  newWord: 8,
  object: 9,
  array: 10,
  sizedText: 11,
  sizedArray: 12,
  sizedObject: 13,
  sizedOther: 14,
  element: 15,
} as const;

export type RecordMaker<S extends Shape> = (
  bytes: Buffer,
  tape: Int32Array,
  length: number,
  packed?: string,
) => PickedShape<S>;

/** Per slot, 1: it was learnt anew from a tape, of which perhaps no record was made. Looked up anew each time. */
export interface WordNews {
  readonly slots: Uint8Array;
}

/**
 * Makes picked records from a scanner's notes. Keeps the words it has met: one maker belongs to one scanner, and must be
 * given each tape once, in their order, unless the scanner forgets its words or marks the `news`. `packed`: all new
 * words of the tape in one string, for one string and its slices cost less than as many strings.
 */
export function recordMaker<S extends Shape>(plan: Plan<S>, news?: WordNews): RecordMaker<S> {
  const words: string[] = [];
  const makers = plan.nodes.map(objectMaker);
  // one row of values per node is enough: a node never lies within itself
  const rows = plan.nodes.map(({ fields }) => new Array<unknown>(fields.length).fill(undefined));
  let bytes: Buffer;
  let tape: Int32Array;
  let packed: string | undefined;

  function make(node: number, from: number, until: number): Taken {
    const row = rows[node] as unknown[];
    let at = from;
    while (at < until) {
      const head = tape[at] as number;
      const field = plan.fields[head >>> 4] as PlanField;
      const tag = head & 15;
      row[field.index] = value(tag, field, at);
      at = tag < tags.object ? at + 4 : (tape[at + 3] as number);
    }
    const taken = (makers[node] as ObjectMaker)(row);
    row.fill(undefined);
    return taken;
  }

  function value(tag: number, field: PlanField, at: number): unknown {
    const start = tape[at + 1] as number;
    const end = tape[at + 2] as number;
    const next = tape[at + 3] as number;
    switch (tag) {
      case tags.true:
        return true;
      case tags.false:
        return false;
      case tags.bad:
        return Number.NaN;
      case tags.whole:
        return start;
      case tags.number:
        return Number(bytes.toString('latin1', start, end));
      case tags.ascii:
        return bytes.toString('latin1', start, Math.min(end, start + TEXT_LIMIT));
      case tags.encoded:
        return decode(bytes.toString('utf8', start, end));
      case tags.word:
        if (news === undefined || news.slots[next] === 0) return words[next];
        news.slots[next] = 0;
        return (words[next] = bytes.toString('latin1', start, end));
      case tags.newWord:
        if (news !== undefined) news.slots[next] = 0;
        return (words[next] = packed === undefined ? bytes.toString('latin1', start, end) : packed.slice(start, end));
      case tags.object:
        return make(field.node, at + 4, next);
      default:
        return field.kind === kinds.list
          ? {
              sizeBytes: end - start,
              isText: tag === tags.sizedText,
              items: tag === tags.array ? elements(field.node, at + 4, next) : [],
            }
          : {
              sizeBytes: end - start,
              start,
              end,
              isText: tag === tags.sizedText,
              isList: tag === tags.sizedArray,
              fields: tag === tags.sizedObject ? make(field.node, at + 4, next) : undefined,
            };
    }
  }

  function elements(node: number, from: number, until: number): Taken[] {
    const items: Taken[] = [];
    for (let at = from; at < until; at = tape[at + 3] as number) items.push(make(node, at + 4, tape[at + 3] as number));
    return items;
  }

  return (newBytes, newTape, length, newPacked) => {
    bytes = newBytes;
    tape = newTape;
    packed = newPacked;
    return make(0, 0, length) as PickedShape<S>; // node 0 was compiled from S
  };
}

type ObjectMaker = (row: readonly unknown[]) => Taken;

/**
 * A function that makes one object of a shape. Compiled from source, for V8 then knows the shape: five times as fast as
 * any generic way, and it is the larger half of reading a record. The source holds the plan's names and nothing else.
 * Hosts that forbid this (`--disallow-code-generation-from-strings`) get the generic way.
 */
function objectMaker({ fields }: PlanNode): ObjectMaker {
  const source = fields.map(({ name }, index) => `${JSON.stringify(name)}: row[${index}]`);
  try {
    return new Function('row', `return { ${source.join(', ')} };`) as ObjectMaker; // the source just written
  } catch {
    return (row) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]));
  }
}

/** The scanner has checked every escape, and a raw control character never gets here. */
function decode(raw: string): string {
  return cut(raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw);
}
