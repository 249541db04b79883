import { estimateTokens } from '../../metrics/size-tokens.ts';
import { compactNumber, countOf, formatDuration, groupDigits } from '../../report/format.ts';
import type { InteractionsJson, TasksJson } from '../../report/shape.ts';
import { sumsFrom } from '../../report/sums.ts';
import type { TreeNode } from '../../store/queries/agent-tree.ts';
import type { SessionUse } from '../../store/queries/live-sessions.ts';
import type { ToolCost } from '../../store/queries/tool-costs.ts';
import type { Theme } from '../theme.ts';
import { type AgentRow, agentRows } from './agent-rows.ts';
import { type Column, fitColumns, rowText, titleSpans } from './columns.ts';
import { ageText, nameText, shortModel, spendText } from './figures.ts';
import { heading, marked, stacked } from './page.ts';
import type { Span } from './spans.ts';

/** What a session used beside its own turns. */
export interface AgentFacts {
  readonly use: SessionUse;
  readonly tree: readonly TreeNode[];
  readonly tools: readonly ToolCost[];
  readonly tasks: TasksJson;
  readonly hooks: readonly HookCount[];
  readonly summary: InteractionsJson['hook_effect_summary'];
}

/** How often a hook ran. */
export interface HookCount {
  readonly name: string;
  readonly runs: number;
}

interface Place {
  readonly width: number;
  readonly theme: Theme;
  readonly now: number;
}

interface Row {
  readonly branch: string;
  readonly name: Span;
  readonly about: string;
  /** As shown; estimates begin with `~`. */
  readonly tokens: string;
  readonly calls: number | undefined;
  readonly errors: number;
  readonly turns: number | undefined;
  readonly cost: string;
}

const nothing = { branch: '', about: '', tokens: '', calls: undefined, errors: 0, turns: undefined, cost: '' };

/** The session and its subagents with what they cost, then MCP servers, tools, skills and hooks. */
export function agentLines(facts: AgentFacts, place: Place): readonly string[] {
  const { width, theme } = place;
  const fit = fitColumns(columnsOf(theme), width);
  const draw = (rows: readonly Row[]): readonly string[] => rows.map((row) => rowText(fit, row));
  const titles = theme.quiet(titleSpans(fit));
  const own = facts.tools.filter((tool) => tool.server === null && !tool.isSkill);
  const skills = facts.tools.filter((tool) => tool.isSkill);
  const sections = [
    section('MCP servers', draw(serverRows(facts.tools, theme)), width, theme),
    section('Tools', draw(own.map(toolRow)), width, theme),
    section('Skills', draw(skills.map(toolRow)), width, theme),
    section('Tasks it gave away', draw(taskRows(facts.tasks, theme)), width, theme),
    hookLines(facts, draw, place),
  ];
  const note = marked(' ', estimates, width).map((text) => theme.quiet(text));
  return stacked([[titles, ...draw(sessionRows(facts, place))], ...sections, facts.tools.length === 0 ? [] : note]);
}

const estimates =
  'Costs of tools, ~, are those of the turns that called them, shared among their calls; tokens are worked out from sizes.';

function section(title: string, rows: readonly string[], width: number, theme: Theme): readonly string[] {
  return rows.length === 0 ? [] : [heading(title, '', width, theme), ...rows];
}

function sessionRows({ use, tree }: AgentFacts, { theme, now }: Place): readonly Row[] {
  return agentRows(tree, use.facts.rowId).map((row) => {
    const isTop = row.depth === 0;
    return {
      ...nothing,
      branch: row.branch,
      name: isTop
        ? [nameText(use.facts.project, '(no project)'), theme.strong]
        : [nameText(row.agentType, 'agent'), theme.accent],
      about: aboutRow(row, now),
      tokens: compactNumber(row.tokens),
      calls: isTop ? sumsFrom(use.sums).toolCalls : undefined,
      turns: row.turns,
      cost: spendText(row),
    };
  });
}

function aboutRow({ runs, model, lastTurnAt, depth }: AgentRow, now: number): string {
  const age = lastTurnAt === null || depth === 0 ? [] : [ageText(now - lastTurnAt)];
  return [...(runs > 1 ? [countOf(runs, 'run')] : []), shortModel(model), ...age].join(' · ');
}

function serverRows(tools: readonly ToolCost[], theme: Theme): readonly Row[] {
  const servers = new Map<string, ToolCost[]>();
  for (const tool of tools)
    if (tool.server !== null) servers.set(tool.server, [...(servers.get(tool.server) ?? []), tool]);
  return [...servers]
    .sort(([, a], [, b]) => sum(b, (tool) => tool.calls) - sum(a, (tool) => tool.calls))
    .flatMap(([server, its]): readonly Row[] => [
      {
        ...toolRow({
          name: server,
          server,
          isSkill: false,
          calls: sum(its, (tool) => tool.calls),
          errors: sum(its, (tool) => tool.errors),
          bytes: sum(its, (tool) => tool.bytes),
          nano: sum(its, (tool) => tool.nano),
          pricedCalls: sum(its, (tool) => tool.pricedCalls),
        }),
        name: [nameText(server), theme.accent],
        about: countOf(its.length, 'tool'),
      },
      ...its.map((tool, at) => ({ ...toolRow(tool), branch: at === its.length - 1 ? '└ ' : '├ ' })),
    ]);
}

function toolRow({ name, calls, errors, bytes, nano, pricedCalls }: ToolCost): Row {
  return {
    ...nothing,
    name: nameText(name, '(unnamed)'),
    tokens: bytes === 0 ? '' : `~${compactNumber(estimateTokens(bytes))}`,
    calls,
    errors,
    cost: pricedCalls === 0 ? '' : `~${spendText({ nano, turns: calls, pricedTurns: pricedCalls })}`,
  };
}

/** Newest first. The log's own count of tokens stands where a cost would. */
function taskRows({ tasks }: TasksJson, theme: Theme): readonly Row[] {
  return [...tasks].reverse().map((task) => ({
    ...nothing,
    name: [nameText(task.display_name ?? task.agent_type), task.success === false ? theme.bad : theme.plain],
    about: [
      ...(task.execution_mode === 'unknown' ? [] : [nameText(task.execution_mode)]),
      ...(task.duration_ms === null || task.duration_ms === 0 ? [] : [formatDuration(task.duration_ms)]),
      ...(task.success === false ? ['failed'] : []),
    ].join(' · '),
    tokens: task.tokens.total === null ? '' : compactNumber(task.tokens.total),
    calls: task.tool_calls ?? (task.interaction_summary.count === 0 ? undefined : task.interaction_summary.count),
  }));
}

function hookLines(
  { hooks, summary }: AgentFacts,
  draw: (rows: readonly Row[]) => readonly string[],
  { width, theme }: Place,
): readonly string[] {
  const effects = [
    ['changed what was asked', summary.modified],
    ['blocked', summary.blocked],
    ['let pass', summary.pass_through],
    ['seen only', summary.observed],
  ] as const;
  const told = effects.filter(([, count]) => count > 0);
  if (hooks.length === 0 && told.length === 0) return [];
  return [
    heading('Hooks', told.map(([name, count]) => `${groupDigits(count)} ${name}`).join(' · '), width, theme),
    ...draw(hooks.map(({ name, runs }) => ({ ...nothing, name: nameText(name), calls: runs }))),
  ];
}

function columnsOf(theme: Theme): readonly Column<Row>[] {
  const count = (value: number | undefined): Span =>
    value === undefined ? '' : value === 0 ? ['0', theme.quiet] : groupDigits(value);
  return [
    {
      title: 'Session, agents, tools',
      align: 'left',
      width: 22,
      most: 44,
      share: 3,
      weight: 100,
      cell: ({ branch, name }) => [[branch, theme.quiet], name],
    },
    {
      title: '',
      align: 'left',
      width: 12,
      most: 34,
      share: 2,
      weight: 20,
      cell: ({ about }) => [[about, theme.quiet]],
    },
    { title: 'Tokens', align: 'right', width: 7, weight: 40, cell: ({ tokens }) => [tokens] },
    { title: 'Calls', align: 'right', width: 7, weight: 60, cell: ({ calls }) => [count(calls)] },
    {
      title: 'Failed',
      align: 'right',
      width: 6,
      weight: 30,
      cell: ({ errors }) => [errors === 0 ? '' : [groupDigits(errors), theme.warn]],
    },
    { title: 'Turns', align: 'right', width: 6, weight: 50, cell: ({ turns }) => [count(turns)] },
    {
      title: 'Cost',
      align: 'right',
      width: 9,
      weight: 90,
      cell: ({ cost }) => [[cost, cost.startsWith('~') ? theme.plain : theme.money]],
    },
  ];
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
