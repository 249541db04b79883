import { z } from 'zod';
import { displaySafe } from '../display.ts';
import { settingKeys } from './defaults.ts';
import type { KeyPath } from './lines.ts';
import { settingNotes } from './notes.ts';
import { closest } from './suggest.ts';

/** Hears of everything that is not as it should be. The message is the end of a sentence that begins with the key. */
export interface Listener {
  /** The value cannot be used and is left out. */
  wrong(path: KeyPath, message: string, hint?: string): void;
  /** Worth saying, but the rest stands: an unknown key, a corrected value, bad advice taken. */
  note(path: KeyPath, message: string, hint?: string): void;
}

/** What `sieve` gives for a value of which nothing can be used. */
export const rejected: unique symbol = Symbol('rejected');

/** The part of a value that fits its schema, key by key: one wrong key costs itself only. Fills in no defaults. */
export function sieve(schema: z.ZodType, value: unknown, path: KeyPath, listener: Listener): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return sieveObject(inner, value, path, listener);
  if (inner instanceof z.ZodRecord) return sieveRecord(inner, value, path, listener);
  if (isTableList(inner)) return sieveTableList(inner, value, path, listener);
  return sieveLeaf(schema, inner, value, path, listener);
}

/** The schema below default, prefault and optional. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap() as z.ZodType; // zod types the inside by its core, of which every schema of ours is the classic kind
  }
  return inner;
}

/** A list of tables, such as `[[alerts.webhooks]]`, as against a list of plain values. */
export function isTableList(schema: z.ZodType): schema is z.ZodArray<z.ZodObject> {
  return schema instanceof z.ZodArray && schema.element instanceof z.ZodObject;
}

/** `budget.projects."my.app".daily_usd`, `alerts.webhooks[0].url`: safe for a terminal. */
export function keyText(path: KeyPath): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = /^[A-Za-z0-9_-]+$/.test(part) ? displaySafe(part, 64) : `"${displaySafe(part, 64)}"`;
      return i === 0 ? name : `.${name}`;
    })
    .join('');
}

function sieveObject(schema: z.ZodObject, value: unknown, path: KeyPath, listener: Listener): unknown {
  if (!isTable(value)) return rejectShape(schema, value, path, listener);
  const kept: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) {
    const known = Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : undefined;
    if (known === undefined) {
      listener.note(
        [...path, name],
        'is not a setting and has no effect',
        suggestKey(Object.keys(schema.shape), name, path),
      );
      continue;
    }
    const result = sieve(known, part, [...path, name], listener);
    if (result !== rejected) kept.push([name, result]);
  }
  return Object.fromEntries(kept);
}

function sieveRecord(schema: z.ZodRecord, value: unknown, path: KeyPath, listener: Listener): unknown {
  if (!isTable(value)) return rejectShape(schema, value, path, listener);
  const kept: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) {
    if (!(schema.keyType as z.ZodType).safeParse(name).success) {
      listener.wrong([...path, name], 'cannot be used as a name', 'Choose another name, or leave it out.');
      continue;
    }
    const result = sieve(schema.valueType as z.ZodType, part, [...path, name], listener);
    if (result !== rejected) kept.push([name, result]);
  }
  return Object.fromEntries(kept);
}

/** An entry with anything wrong in it is left out whole: a filter that is half there would let through too much. */
function sieveTableList(schema: z.ZodArray<z.ZodObject>, value: unknown, path: KeyPath, listener: Listener): unknown {
  if (!Array.isArray(value)) return rejectShape(schema, value, path, listener);
  return value.filter((entry: unknown, i) => {
    let isWhole = true;
    const wrong: Listener['wrong'] = (at, message, hint) => {
      isWhole = false;
      listener.wrong(at, `${message}; this entry is disabled`, hint);
    };
    const kept = sieve(schema.element, entry, [...path, i], { note: listener.note, wrong });
    if (!isWhole || kept === rejected) return false;
    for (const issue of schema.element.safeParse(kept).error?.issues ?? []) wrong([...path, i], issue.message);
    return isWhole;
  });
}

function sieveLeaf(outer: z.ZodType, schema: z.ZodType, raw: unknown, path: KeyPath, listener: Listener): unknown {
  const notes = settingNotes.get(schema);
  const correction = notes?.correct?.(raw);
  if (correction?.why !== undefined) listener.note(path, correction.why);
  if (correction !== undefined && correction.value === undefined) return undefined;
  const value = correction === undefined ? raw : correction.value;
  const result = schema.safeParse(value);
  if (!result.success) {
    const problem = result.error.issues[0];
    // Checks of ours write their own sentence; zod's own words, also for those that wrote none, are not for users.
    const isOurs = problem?.code === 'custom' && !problem.message.startsWith('Invalid input');
    const message = isOurs ? problem.message : undefined;
    const hint = suggestValue(outer, schema, value, path, problem?.path[0], notes?.secret === true);
    listener.wrong(path, message ?? mustBe(schema, value, problem?.path[0], notes?.secret === true), hint);
    return rejected;
  }
  const advice = notes?.advise?.(result.data);
  if (advice !== undefined) listener.note(path, advice);
  return result.data;
}

function rejectShape(schema: z.ZodType, value: unknown, path: KeyPath, listener: Listener): typeof rejected {
  const header = path.some((part) => typeof part === 'number') ? undefined : `Write its keys under [${keyText(path)}].`;
  const hint = isTableList(schema) ? `Write each one under [[${keyText(path)}]].` : header;
  listener.wrong(path, `must be ${schema.description ?? 'another kind of value'}, not ${kindOf(value)}`, hint);
  return rejected;
}

function mustBe(schema: z.ZodType, value: unknown, at: PropertyKey | undefined, isSecret: boolean): string {
  const wanted = `must be ${schema.description ?? 'another kind of value'}`;
  const show = isSecret ? kindOf : valueText;
  // In a list it is one element that is wrong.
  if (Array.isArray(value) && typeof at === 'number') return `${wanted}; ${show(value[at])} in it is not`;
  return isSecret && typeof value === 'string' ? wanted : `${wanted}, not ${show(value)}`;
}

function suggestKey(siblings: readonly string[], name: string, path: KeyPath): string {
  const sibling = closest(name, siblings);
  if (sibling !== undefined) return `Did you mean ${keyText([...path, sibling])}?`;
  const elsewhere = settingKeys.find((key) => key.endsWith(`.${name}`));
  if (elsewhere !== undefined) return `Did you mean ${elsewhere}?`;
  return `Known here: ${siblings.join(', ')}.`;
}

function suggestValue(
  outer: z.ZodType,
  schema: z.ZodType,
  value: unknown,
  path: KeyPath,
  at: PropertyKey | undefined,
  isSecret: boolean,
): string | undefined {
  if (isSecret) return undefined;
  const key = String(path.at(-1));
  const choice = schema instanceof z.ZodArray ? schema.element : schema;
  const word = Array.isArray(value) && typeof at === 'number' ? value[at] : value;
  if (choice instanceof z.ZodEnum && typeof word === 'string') {
    const near = closest(word, choice.options.map(String));
    if (near !== undefined) return `Did you mean "${near}"?`;
  }
  if (schema instanceof z.ZodArray && typeof value === 'string') return `Write a list: ${key} = [${valueText(value)}]`;
  if (typeof value === 'string' && value.trim() !== '') {
    const bare = schema instanceof z.ZodBoolean ? { true: true, false: false }[value.trim()] : Number(value);
    if (bare !== undefined && schema.safeParse(bare).success) return `Write it without quotes: ${key} = ${bare}`;
  }
  if (outer instanceof z.ZodDefault)
    return `Leave it out for the default: ${key} = ${JSON.stringify(outer.def.defaultValue)}`;
  return 'Leave it out if you do not need it.';
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return `"${displaySafe(value, 40)}"`;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : kindOf(value);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'object' && value !== null ? 'a table' : 'a number';
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
