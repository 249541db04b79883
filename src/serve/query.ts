import { z } from 'zod';
import { RouteError } from './route.ts';

/** Parameters several routes take, each with the sentence a wrong value is answered with. */

/** A whole number from 1; above 1,000 counts as 1,000. */
export function limitOf(preset: number) {
  return z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform((text) => Math.min(Number(text), 1_000))
    .default(preset)
    .describe('a whole number from 1 to 1000');
}

export const sessionId = z
  .string()
  .regex(/^[A-Za-z0-9._:@-]{1,128}$/)
  .describe('an id of at most 128 characters');

export const beforeParameter = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .describe('UTC milliseconds since 1970');

export const nameParameter = z.string().min(1).max(256).describe('a name of at most 256 characters');

/**
 * Takes a route's parameters from a query string and its path.
 * @throws RouteError 400 naming the parameter and what it must be
 */
export function parseQuery<Query extends z.ZodObject>(
  schema: Query,
  search: URLSearchParams,
  path: Readonly<Record<string, string>>,
): z.output<Query> {
  const given: Record<string, string | string[]> = {};
  for (const name of Object.keys(schema.shape)) {
    const values = path[name] === undefined ? search.getAll(name) : [path[name]];
    const field: unknown = schema.shape[name];
    const [first] = values;
    if (first === undefined) continue;
    if (isRepeatable(field)) given[name] = values;
    else if (values.length > 1) throw wrong(schema, name);
    else given[name] = first;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw wrong(schema, String(parsed.error.issues[0]?.path[0] ?? 'query'));
}

function isRepeatable(field: unknown): boolean {
  if (field instanceof z.ZodArray) return true;
  return field instanceof z.ZodDefault || field instanceof z.ZodOptional ? isRepeatable(field.unwrap()) : false;
}

function wrong(schema: z.ZodObject, name: string): RouteError {
  const field: unknown = schema.shape[name];
  const wanted = descriptionOf(field) ?? 'given once';
  return new RouteError(400, 'bad_request', `${name} must be ${wanted}`);
}

function descriptionOf(field: unknown): string | undefined {
  if (!(field instanceof z.ZodType)) return undefined;
  if (field.description !== undefined) return field.description;
  if (field instanceof z.ZodDefault || field instanceof z.ZodOptional) return descriptionOf(field.unwrap());
  return field instanceof z.ZodArray ? descriptionOf(field.element) : undefined;
}
