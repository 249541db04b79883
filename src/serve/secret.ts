import { createHash, timingSafeEqual } from 'node:crypto';

/** A shared token, of which only the digest is kept. */
export interface Secret {
  matches(token: string | undefined): boolean;
  /** UTF-16 units. */
  readonly length: number;
}

/** Undefined when nothing is left of it without the blanks around. */
export function createSecret(text: string): Secret | undefined {
  const token = text.trim();
  if (token === '') return undefined;
  const digest = digestOf(token);
  const { length } = token;
  return {
    length,
    // Digests are equally long whatever was sent: how long the comparison takes tells nothing.
    matches: (given) => timingSafeEqual(digestOf(given ?? ''), digest) && given !== undefined,
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
