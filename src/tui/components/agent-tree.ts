import { compactNumber, countOf, formatDuration, groupDigits } from '../../report/format.ts';
import type { InteractionsJson, TasksJson } from '../../report/shape.ts';
import { sumsFrom } from '../../report/sums.ts';
import type { SessionDetail, SubagentUse, ToolCalls } from '../../store/queries/session-detail.ts';
import type { Theme } from '../theme.ts';
import { type Column, fitColumns, rowText, titleSpans } from './columns.ts';
import { ageText, costText, nameText, shortModel, spendText } from './figures.ts';
import { heading, stacked } from './page.ts';
import type { Span } from './spans.ts';

/** What a session used beside its own turns. */
export interface AgentFacts {
  readonly detail: SessionDetail;
  readonly tasks: TasksJson;
  readonly summary: InteractionsJson['hook_effect_summary'];
}

interface Place {
  readonly width: number;
  readonly theme: Theme;
  readonly now: number;
}

interface Row {
  readonly depth: number;
  readonly isLast: boolean;
  readonly name: Span;
  readonly about: string;
  readonly calls: number | undefined;
  readonly errors: number;
  readonly turns: number | undefined;
  readonly cost: string;
}

/** The session, its subagents with what they cost, and below MCP servers and tools by their calls. */
export function agentLines({ detail, tasks, summary }: AgentFacts, place: Place): readonly string[] {
  const { width, theme } = place;
  const fit = fitColumns(columnsOf(theme), width);
  const draw = (rows: readonly Row[]): readonly string[] => rows.map((row) => rowText(fit, row));
  const titles = theme.quiet(titleSpans(fit));
  const own = detail.tools.filter((tool) => tool.server === null);
  return stacked([
    [titles, ...draw(sessionRows(detail, place))],
    section('MCP servers', draw(serverRows(detail.tools, theme)), width, theme),
    section('Tools', draw(toolRows(own)), width, theme),
    section('Tasks it gave away', draw(taskRows(tasks, theme)), width, theme),
    hookLines(summary, width, theme),
  ]);
}

function section(title: string, rows: readonly string[], width: number, theme: Theme): readonly string[] {
  return rows.length === 0 ? [] : [heading(title, '', width, theme), ...rows];
}

function sessionRows(detail: SessionDetail, { theme, now }: Place): readonly Row[] {
  const sums = sumsFrom(detail.sums);
  const none = { errors: 0, calls: undefined };
  return [
    {
      ...none,
      depth: 0,
      isLast: true,
      name: [nameText(detail.facts.project, '(no project)'), theme.strong],
      about: shortModel(detail.facts.model),
      calls: sums.toolCalls,
      turns: sums.turns,
      cost: costText(sums),
    },
    ...grouped(detail.subagents).flatMap(([type, agents], at, all): readonly Row[] => {
      const isLast = at === all.length - 1;
      const total = {
        nano: sum(agents, (agent) => agent.nano),
        turns: sum(agents, (agent) => agent.turns),
        pricedTurns: sum(agents, (agent) => agent.pricedTurns),
      };
      const [only] = agents;
      const single = agents.length === 1 ? only : undefined;
      const head: Row = {
        ...none,
        depth: 1,
        isLast,
        name: [nameText(type, 'agent'), theme.accent],
        about: single === undefined ? countOf(agents.length, 'run') : aboutAgent(single, now),
        turns: total.turns,
        cost: spendText(total),
      };
      if (single !== undefined) return [head];
      return [
        head,
        ...agents.map((agent, index) => ({
          ...none,
          depth: 2,
          isLast: index === agents.length - 1,
          name: aboutAgent(agent, now),
          about: '',
          turns: agent.turns,
          cost: spendText(agent),
        })),
      ];
    }),
  ];
}

function aboutAgent(agent: SubagentUse, now: number): string {
  const age = agent.lastTurnAt === null ? [] : [ageText(now - agent.lastTurnAt)];
  return [shortModel(agent.model), ...age].join(' · ');
}

/** By kind, the dearest kind first; within it the newest first, as they come. */
function grouped(agents: readonly SubagentUse[]): readonly (readonly [string | null, readonly SubagentUse[]])[] {
  const groups = new Map<string | null, SubagentUse[]>();
  for (const agent of agents) groups.set(agent.agentType, [...(groups.get(agent.agentType) ?? []), agent]);
  return [...groups].sort(([, a], [, b]) => sum(b, (agent) => agent.nano) - sum(a, (agent) => agent.nano));
}

function serverRows(tools: readonly ToolCalls[], theme: Theme): readonly Row[] {
  const servers = new Map<string, ToolCalls[]>();
  for (const tool of tools)
    if (tool.server !== null) servers.set(tool.server, [...(servers.get(tool.server) ?? []), tool]);
  return [...servers]
    .sort(([, a], [, b]) => sum(b, (tool) => tool.calls) - sum(a, (tool) => tool.calls))
    .flatMap(([server, its]): readonly Row[] => [
      {
        depth: 0,
        isLast: false,
        name: [nameText(server), theme.accent],
        about: countOf(its.length, 'tool'),
        calls: sum(its, (tool) => tool.calls),
        errors: sum(its, (tool) => tool.errors),
        turns: undefined,
        cost: '',
      },
      ...its.map((tool, at) => ({ ...toolRow(tool), depth: 1, isLast: at === its.length - 1 })),
    ]);
}

function toolRows(tools: readonly ToolCalls[]): readonly Row[] {
  return tools.map((tool) => toolRow(tool));
}

function toolRow(tool: ToolCalls): Row {
  const { calls, errors } = tool;
  return {
    depth: 0,
    isLast: false,
    name: nameText(tool.name, '(unnamed)'),
    about: '',
    calls,
    errors,
    turns: undefined,
    cost: '',
  };
}

/** Newest first. The log's own count of tokens stands where a cost would. */
function taskRows({ tasks }: TasksJson, theme: Theme): readonly Row[] {
  return [...tasks].reverse().map((task) => ({
    depth: 0,
    isLast: false,
    name: [nameText(task.display_name ?? task.agent_type), task.success === false ? theme.bad : theme.plain],
    about: [
      ...(task.execution_mode === 'unknown' ? [] : [nameText(task.execution_mode)]),
      ...(task.duration_ms === null || task.duration_ms === 0 ? [] : [formatDuration(task.duration_ms)]),
      ...(task.success === false ? ['failed'] : []),
      ...(task.tokens.total === null ? [] : [`${compactNumber(task.tokens.total)} tokens`]),
    ].join(' · '),
    calls: task.tool_calls ?? (task.interaction_summary.count === 0 ? undefined : task.interaction_summary.count),
    errors: 0,
    turns: undefined,
    cost: '',
  }));
}

function hookLines(summary: AgentFacts['summary'], width: number, theme: Theme): readonly string[] {
  const facts = [
    ['changed what was asked', summary.modified],
    ['blocked', summary.blocked],
    ['let pass', summary.pass_through],
    ['seen only', summary.observed],
  ] as const;
  const told = facts.filter(([, count]) => count > 0);
  if (told.length === 0) return [];
  return [heading('Hooks', told.map(([name, count]) => `${groupDigits(count)} ${name}`).join(' · '), width, theme)];
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
      cell: ({ depth, isLast, name }) => [
        [depth === 0 ? '' : `${'  '.repeat(depth - 1)}${isLast ? '└ ' : '├ '}`, theme.quiet],
        name,
      ],
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
    { title: 'Calls', align: 'right', width: 7, weight: 60, cell: ({ calls }) => [count(calls)] },
    {
      title: 'Failed',
      align: 'right',
      width: 6,
      weight: 30,
      cell: ({ errors }) => [errors === 0 ? '' : [groupDigits(errors), theme.warn]],
    },
    { title: 'Turns', align: 'right', width: 6, weight: 50, cell: ({ turns }) => [count(turns)] },
    { title: 'Cost', align: 'right', width: 9, weight: 90, cell: ({ cost }) => [[cost, theme.money]] },
  ];
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
