import { z } from 'zod';

/** Kinds of fields, as the list of tools names them: short, for every agent pays for that list. */
export const text = z.string();
export const int = z.int();
export const num = z.number();
export const bool = z.boolean();
export const obj = z.looseObject({});
export const list = z.array(z.unknown());
export const maybe = { text: text.nullable(), int: int.nullable(), num: num.nullable(), obj: obj.nullable() };
