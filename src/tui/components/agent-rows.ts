import type { TreeNode } from '../../store/queries/agent-tree.ts';

/** A place in the tree of a session's subagents, with all below it. */
export interface AgentRow {
  /** Signs of the branches it hangs on. */
  readonly branch: string;
  readonly depth: number;
  readonly agentType: string | null;
  readonly model: string | null;
  /** Runs of one kind that stand in one row; 1: a session. */
  readonly runs: number;
  readonly lastTurnAt: number | null;
  readonly turns: number;
  readonly tokens: number;
  /** Nano-USD of the turns that have a cost. */
  readonly nano: number;
  readonly pricedTurns: number;
}

/** So many runs of one kind below one parent, none with a subagent of its own, stand in one row. */
const foldFrom = 5;

/** The tree from its top, dearest branch first. Each session once, however its parents are told: a circle ends where it began. */
export function agentRows(nodes: readonly TreeNode[], topRowId: number): readonly AgentRow[] {
  const children = new Map<number, TreeNode[]>();
  for (const node of nodes) {
    // A parent that is not there (the tree is cut) leaves its children to the top.
    const isKnown = nodes.some((other) => other.rowId === node.parentRowId);
    const parent = isKnown ? node.parentRowId : topRowId;
    if (parent === null || node.rowId === topRowId) continue;
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const top = nodes.find((node) => node.rowId === topRowId);
  if (top === undefined) return [];
  const seen = new Set<number>();
  return drawn(branchOf(top), '', '', 0);

  function branchOf(node: TreeNode): Branch {
    seen.add(node.rowId);
    const below = (children.get(node.rowId) ?? []).filter((child) => !seen.has(child.rowId)).map(branchOf);
    const parts = folded(below);
    return {
      ...sumOf([node, ...below]),
      agentType: node.agentType,
      model: node.model,
      runs: 1,
      below: parts,
    };
  }
}

type Branch = Omit<AgentRow, 'branch' | 'depth'> & { readonly below: readonly Branch[] };
type Use = Pick<AgentRow, 'lastTurnAt' | 'turns' | 'tokens' | 'nano' | 'pricedTurns'>;

function sumOf(parts: readonly Use[]): Use {
  const sum = (of: (part: Use) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const last = Math.max(...parts.map((part) => part.lastTurnAt ?? Number.NEGATIVE_INFINITY));
  return {
    lastTurnAt: Number.isFinite(last) ? last : null,
    turns: sum((part) => part.turns),
    tokens: sum((part) => part.tokens),
    nano: sum((part) => part.nano),
    pricedTurns: sum((part) => part.pricedTurns),
  };
}

function folded(branches: readonly Branch[]): readonly Branch[] {
  const leaves = new Map<string, Branch[]>();
  for (const leaf of branches.filter((branch) => branch.below.length === 0)) {
    const kind = JSON.stringify([leaf.agentType, leaf.model]);
    leaves.set(kind, [...(leaves.get(kind) ?? []), leaf]);
  }
  const alike = [...leaves.values()].flatMap((some) => {
    const [first] = some;
    return first === undefined || some.length < foldFrom ? some : [{ ...first, ...sumOf(some), runs: some.length }];
  });
  return [...branches.filter((branch) => branch.below.length > 0), ...alike].sort(
    (a, b) => b.nano - a.nano || b.tokens - a.tokens,
  );
}

function drawn({ below, ...row }: Branch, sign: string, under: string, depth: number): readonly AgentRow[] {
  return [
    { ...row, branch: sign, depth },
    ...below.flatMap((branch, at) => {
      const isLast = at === below.length - 1;
      return drawn(branch, `${under}${isLast ? '└ ' : '├ '}`, `${under}${isLast ? '  ' : '│ '}`, depth + 1);
    }),
  ];
}
