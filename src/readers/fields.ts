/**
 * An allow-list of what may be taken from a log record. Whatever a plan does not name never becomes a JavaScript value.
 *
 * `text`: a string, cut to `TEXT_LIMIT`; absent when the value is of another type.
 * `number`: a number exactly as JSON.parse gives it; NaN when the value is of another type, so that it can be counted as bad.
 * `flag`: true or false; absent when the value is of another type.
 * `scalar`: a string or a number, each as above, where logs differ; absent when the value is of another type.
 * A shape: the wanted fields of an object; absent when the value is of another type.
 * JSON's null is absent everywhere.
 */
export type Field =
  | 'text'
  | 'number'
  | 'flag'
  | 'scalar'
  | Shape
  | ListField<Shape>
  | SizedField<Shape>
  | TextOrField<Shape>;

/** Wanted fields of one JSON object, by their names in the log. */
export interface Shape {
  readonly [name: string]: Field;
}

const listShape: unique symbol = Symbol('list');
const sizedShape: unique symbol = Symbol('sized');
const textOrShape: unique symbol = Symbol('textOr');

export interface ListField<S extends Shape> {
  readonly [listShape]: S;
}

export interface SizedField<S extends Shape> {
  readonly [sizedShape]: S;
}

export interface TextOrField<S extends Shape> {
  readonly [textOrShape]: S;
}

/** An array of objects, from each of which the shape is taken. A value that is not an array is told as a `PickedList` without items. */
export function list<const S extends Shape>(shape: S): ListField<S> {
  return { [listShape]: shape };
}

/** Any value: only how large it is and, where it is an object, the wanted fields in it. */
export function sized<const S extends Shape>(shape: S): SizedField<S> {
  return { [sizedShape]: shape };
}

/** A string, or the wanted fields of an object, where logs differ. */
export function textOr<const S extends Shape>(shape: S): TextOrField<S> {
  return { [textOrShape]: shape };
}

/** What was taken from one object. Every name of the shape is there, in the shape's order; undefined: absent. */
export type PickedShape<S extends Shape> = { readonly [K in keyof S]: PickedField<S[K]> | undefined };

export type PickedField<F> = F extends 'text'
  ? string
  : F extends 'number'
    ? number
    : F extends 'flag'
      ? boolean
      : F extends 'scalar'
        ? string | number
        : F extends ListField<infer S>
          ? PickedList<S>
          : F extends SizedField<infer S>
            ? PickedSized<S>
            : F extends TextOrField<infer S>
              ? string | PickedShape<S>
              : F extends Shape
                ? PickedShape<F>
                : never;

export interface PickedList<S extends Shape> {
  /** Bytes of the serialised value in the log, brackets or quotes included. */
  readonly sizeBytes: number;
  /** The value is a string and no array. */
  readonly isText: boolean;
  /** One per element, in order; an element that is no object is there with all fields absent. Empty when the value is no array. */
  readonly items: readonly PickedShape<S>[];
}

export interface PickedSized<S extends Shape> {
  /** Bytes of the serialised value in the log, quotes included; of its plain form when the record had to be parsed. */
  readonly sizeBytes: number;
  /** Where the value lies in the scanner's bytes until they change; undefined when the record had to be parsed. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly isText: boolean;
  readonly isList: boolean;
  /** Undefined when the value is no object or the plan names no fields. */
  readonly fields: PickedShape<S> | undefined;
  /** The value itself, content and all, when the record had to be parsed: for a reader's `parsed` alone. */
  readonly whole?: unknown;
}

/** Longest text taken, in UTF-16 units; the rest of it is dropped. */
export const TEXT_LIMIT = 1024;

/** Kinds of field as the scanners know them. */
export const kinds = { text: 0, number: 1, flag: 2, object: 3, list: 4, sized: 5, scalar: 6, textOr: 7 } as const;

export interface PlanField {
  /** Index in `Plan.fields`. */
  readonly id: number;
  /** Place among the fields of its shape. */
  readonly index: number;
  readonly name: string;
  readonly kind: (typeof kinds)[keyof typeof kinds];
  /** Index in `Plan.nodes` of the shape within; -1 for plain values. */
  readonly node: number;
}

/** One shape of a plan, at one place: a shape used twice makes two nodes. */
export interface PlanNode {
  readonly fields: readonly PlanField[];
}

/** A compiled allow-list. Node 0 is the record itself; nodes form a tree. */
export interface Plan<S extends Shape = Shape> {
  readonly shape: S;
  readonly nodes: readonly PlanNode[];
  readonly fields: readonly PlanField[];
}

export type Picked<P> = P extends Plan<infer S> ? PickedShape<S> : never;

/**
 * Compiles an allow-list.
 * @throws TypeError for a name that cannot be compared byte by byte: empty, over 64 characters, `__proto__`, or with a
 * quote, a backslash or anything outside printable ASCII.
 */
export function fields<const S extends Shape>(shape: S): Plan<S> {
  const nodes: PlanNode[] = [];
  const all: PlanField[] = [];
  addNode(shape, nodes, all);
  return { shape, nodes, fields: all };
}

function addNode(shape: Shape, nodes: PlanNode[], all: PlanField[]): number {
  const id = nodes.length;
  const own: PlanField[] = [];
  nodes.push({ fields: own });
  for (const [name, field] of Object.entries(shape)) {
    if (!/^[\x20-\x7e]{1,64}$/.test(name) || /["\\]/.test(name) || name === '__proto__') {
      throw new TypeError(`not a field name: ${JSON.stringify(name)}`);
    }
    const inner = innerShape(field);
    const slot = all.length;
    const plain: PlanField = { id: slot, index: own.length, name, kind: kindOf(field), node: -1 };
    all.push(plain); // takes its id before the fields within take theirs
    const placed = inner === undefined ? plain : { ...plain, node: addNode(inner, nodes, all) };
    all[slot] = placed;
    own.push(placed);
  }
  return id;
}

function kindOf(field: Field): PlanField['kind'] {
  if (typeof field === 'string') return kinds[field];
  if (isList(field)) return kinds.list;
  if (isTextOr(field)) return kinds.textOr;
  return isSized(field) ? kinds.sized : kinds.object;
}

function innerShape(field: Field): Shape | undefined {
  if (typeof field === 'string') return undefined;
  if (isList(field)) return field[listShape];
  if (isTextOr(field)) return field[textOrShape];
  return isSized(field) ? field[sizedShape] : field;
}

function isList(field: Exclude<Field, string>): field is ListField<Shape> {
  return listShape in field;
}

function isSized(field: Exclude<Field, string>): field is SizedField<Shape> {
  return sizedShape in field;
}

function isTextOr(field: Exclude<Field, string>): field is TextOrField<Shape> {
  return textOrShape in field;
}
