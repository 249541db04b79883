import { expect, test } from 'vitest';
import type { TreeNode } from '../../src/store/queries/agent-tree.ts';
import { agentRows } from '../../src/tui/components/agent-rows.ts';

function node(rowId: number, parentRowId: number | null, more: Partial<TreeNode> = {}): TreeNode {
  return {
    rowId,
    id: `s${rowId}`,
    parentRowId,
    project: null,
    model: 'm',
    agentType: parentRowId === null ? null : 'Explore',
    startedAt: rowId,
    turns: 1,
    tokens: 10,
    nano: 1,
    pricedTurns: 1,
    lastTurnAt: rowId,
    ...more,
  };
}

const shown = (nodes: readonly TreeNode[]): readonly string[] =>
  agentRows(nodes, 1).map((row) => `${row.branch}${row.agentType ?? 'top'} ${row.turns} ${row.nano} ${row.runs}`);

test('subagents below subagents hang on their branch; each row has the sums of all below it', () => {
  const nodes = [
    node(1, null),
    node(2, 1, { agentType: 'reviewer', nano: 5 }),
    node(3, 2, { agentType: 'tester', nano: 20 }),
    node(4, 3, { agentType: 'Explore', nano: 2 }),
    node(5, 1, { agentType: 'planner', nano: 7, pricedTurns: 0 }),
    node(6, 2, { agentType: 'writer', nano: 3 }),
  ];
  expect(shown(nodes)).toEqual([
    'top 6 38 1',
    '├ reviewer 4 30 1',
    '│ ├ tester 2 22 1',
    '│ │ └ Explore 1 2 1',
    '│ └ writer 1 3 1',
    '└ planner 1 7 1',
  ]);
  expect(agentRows(nodes, 1).map(({ depth, pricedTurns }) => [depth, pricedTurns])).toEqual([
    [0, 5],
    [1, 4],
    [2, 2],
    [3, 1],
    [2, 1],
    [1, 0],
  ]);
});

test('many runs of one kind stand in one row, but not one that has subagents of its own', () => {
  const runs = Array.from({ length: 6 }, (_, at) => node(10 + at, 1));
  expect(shown([node(1, null), ...runs, node(20, 10)])).toEqual([
    'top 8 8 1',
    '├ Explore 5 5 5',
    '└ Explore 2 2 1',
    '  └ Explore 1 1 1',
  ]);
});

test('a circle of parents ends, and a child whose parent is not there hangs on the top', () => {
  const nodes = [node(1, 3, { agentType: null }), node(2, 1), node(3, 2), node(4, 99, { agentType: 'lost' })];
  expect(shown(nodes)).toEqual(['top 4 4 1', '├ Explore 2 2 1', '│ └ Explore 1 1 1', '└ lost 1 1 1']);
  expect(agentRows([], 1)).toEqual([]);
});
