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
  const sums = { web: 0, look: 0, write: 0, read: 0 };
  for (const [name, times] of calls) for (const kind of kindsOf(name)) sums[kind] += times;
  if (sums.web >= 3) return 'research';
  if (sums.look >= 5) return 'debugging';
  return sums.write >= 3 && sums.read >= 3 ? 'refactoring' : undefined;
}

type Kind = keyof typeof partsOf;

const partsOf = {
  web: ['search', 'browser', 'web', 'fetch'],
  look: ['bash', 'exec', 'shell', 'run', 'grep', 'find', 'search', 'ripgrep', 'rg'],
  write: ['write', 'edit', 'create', 'patch'],
  read: ['read', 'view', 'cat', 'open'],
} as const;

/** Thousands of sessions call the same few tools. */
const known = new Map<string, readonly Kind[]>();
const mostKnown = 4096;

function kindsOf(name: string): readonly Kind[] {
  let kinds = known.get(name);
  if (kinds === undefined) {
    if (known.size === mostKnown) known.clear();
    kinds = (Object.keys(partsOf) as Kind[]).filter((kind) => hasAny(name, partsOf[kind]));
    known.set(name, kinds);
  }
  return kinds;
}
