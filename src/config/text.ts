import { z } from 'zod';
import { isTableList, unwrap } from './sieve.ts';

/**
 * A setting's value written as one text, in an environment variable or an option: lists comma separated, tables as JSON. What
 * does not look like its kind stays a text, for the check to refuse.
 * @throws SyntaxError when it must be JSON and is not
 */
export function valueOfText(schema: z.ZodType, text: string): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord || isTableList(inner)) return JSON.parse(text);
  if (inner instanceof z.ZodArray) return text.trimStart().startsWith('[') ? JSON.parse(text) : splitList(text);
  if (inner instanceof z.ZodNumber) return decimal.test(text.trim()) ? Number(text) : text;
  if (inner instanceof z.ZodBoolean) return flags.get(text.trim().toLowerCase()) ?? text;
  return text;
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
