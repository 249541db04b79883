import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

/** A schema as a list of tools shows it: an agent pays for every word, so what says nothing is left out. */
export function jsonSchema(schema: z.ZodObject | undefined): { type: 'object' } & Record<string, unknown> {
  if (schema === undefined) return { type: 'object' };
  const { $schema: _, ...whole } = z.toJSONSchema(schema, { io: 'input' });
  return { ...(short(whole) as Json), type: 'object' }; // of an object
}

function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(short);
  if (typeof value !== 'object' || value === null) return value;
  const { anyOf, ...rest } = value as Json; // any JSON object
  const choices = Array.isArray(anyOf) ? anyOf.map((choice) => short(choice) as Json) : undefined;
  const types = choices?.map((choice) => (Object.keys(choice).length === 1 ? choice.type : undefined));
  return Object.fromEntries([
    ...(choices === undefined
      ? []
      : [
          types?.every((type) => type !== undefined) === true
            ? (['type', types] as const)
            : (['anyOf', choices] as const),
        ]),
    ...Object.entries(rest)
      .filter(([key, item]) => !saysNothing(key, item))
      .map(([key, item]) => [key, short(item)] as const),
  ]);
}

function saysNothing(key: string, value: unknown): boolean {
  if (key === 'maximum' || key === 'minimum') return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return (key === 'additionalProperties' || key === 'items' || key === 'properties') && isEmpty;
}
