/** Tokens that so many bytes of text are worth by the rule of thumb of four characters each. Whole; an estimate, never a bill. */
export function estimateTokens(sizeBytes: number): number {
  return Math.round(sizeBytes / 4);
}
