import { hasAny } from './tool-names.ts';

const byPrefix: Readonly<Record<string, readonly string[]>> = {
  feature: ['feat', 'feature', 'features'],
  bugfix: ['fix', 'bugfix', 'bug', 'hotfix'],
  refactor: ['refactor', 'refact', 'rfc'],
  chore: ['chore', 'build', 'ci', 'deps'],
  docs: ['docs', 'doc', 'documentation'],
  test: ['test', 'tests', 'testing'],
  perf: ['perf', 'performance', 'optim'],
  release: ['release', 'rel'],
  experiment: ['experiment', 'exp', 'spike', 'poc'],
};

const tagOfPrefix = new Map(Object.entries(byPrefix).flatMap(([tag, words]) => words.map((word) => [word, tag])));

/** Changes with the rules below: sessions tagged by others are then gone through once more. */
export const tagRules = '1';

/** What the tags of a session are found by. */
export interface TaggedWork {
  readonly provider: string;
  readonly branch: string | undefined;
  /** How often each tool was called in the whole session, its subagents' calls among them. */
  readonly calls: ReadonlyMap<string, number>;
}

/** These do nearly everything by their shell, so what they call says nothing of the work. */
const workByShell = new Set(['codex']);

/** The tag a session gets by itself: what its tools show, else what its branch is called. Undefined: neither tells. */
export function autoTag({ provider, branch, calls }: TaggedWork): string | undefined {
  return (workByShell.has(provider) ? undefined : toolTag(calls)) ?? branchTag(branch);
}

/** By the word before the first slash of a branch, case-sensitive; a branch without one has no tag. */
export function branchTag(branch: string | undefined): string | undefined {
  const slash = branch?.indexOf('/') ?? -1;
  return branch === undefined || slash < 0 ? undefined : tagOfPrefix.get(branch.slice(0, slash).trim());
}

/** By the tools of a whole session: three searches of the web, five looks around, or three writes and three reads. */
export function toolTag(calls: ReadonlyMap<string, number>): string | undefined {
  const count = (parts: readonly string[]): number =>
    [...calls].reduce((sum, [name, times]) => (hasAny(name, parts) ? sum + times : sum), 0);
  if (count(['search', 'browser', 'web', 'fetch']) >= 3) return 'research';
  if (count(['bash', 'exec', 'shell', 'run', 'grep', 'find', 'search', 'ripgrep', 'rg']) >= 5) return 'debugging';
  const writes = count(['write', 'edit', 'create', 'patch']);
  return writes >= 3 && count(['read', 'view', 'cat', 'open']) >= 3 ? 'refactoring' : undefined;
}
