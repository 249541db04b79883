/** What a hook did to the tool call it ran for. `observed`: nothing is said of it, or the log does not tell. */
export type HookEffect = 'pass_through' | 'modified' | 'blocked' | 'observed';

export interface HookFacts {
  /** Keyed hash of what the hook was given; null: the log keeps none. */
  readonly inputDigest: string | null;
  /** Of the hook itself, by its end; null: not told. */
  readonly success: boolean | null;
  readonly status: string | null;
  /** What it ran for, such as `preToolUse`. */
  readonly hookType: string | null;
  /** It says within which call it ran. */
  readonly hasParent: boolean;
}

/**
 * The effect a log proves, and no more: equal hashes of what the hook and the call it shares its correlation with were
 * given passed it through, different ones modified it; a hook that failed and whose call never started blocked it, as
 * does one that says so. What runs after a call can do neither.
 */
export function hookEffect(
  hook: HookFacts,
  call: { readonly inputDigest: string | null } | undefined,
  isCorrelated: boolean,
): HookEffect {
  if (hook.status !== null && saysBlocked(hook.status)) return 'blocked';
  if (hook.hookType === null || !/^(pre|before)/i.test(hook.hookType)) return 'observed';
  if (call !== undefined) {
    if (hook.inputDigest === null || call.inputDigest === null) return 'observed';
    return hook.inputDigest === call.inputDigest ? 'pass_through' : 'modified';
  }
  if (isCorrelated) return hook.success === false ? 'blocked' : 'observed';
  return hook.hasParent && hook.success === true ? 'pass_through' : 'observed';
}

/** `hook_blocking_error`, `blocked`, `denied`; not `hook_non_blocking_error`. */
function saysBlocked(status: string): boolean {
  const words = status.toLowerCase().split(/[^a-z]+/);
  return !words.includes('non') && words.some((word) => /^(block(ed|ing)?|den(y|ied))$/.test(word));
}
