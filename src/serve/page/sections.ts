import type { AlertsJson } from '../../report/alert-schema.ts';
import type { SessionsAnswer, SessionTurnsAnswer } from '../../report/answer-schemas.ts';
import type { LimitsJson, ProvidersJson } from '../../report/shape.ts';
import { get } from './api.ts';
import { timeLine } from './chart.ts';
import { fill, gauge, h, section, table } from './dom.ts';
import { ago, compact, percent, until, usd, words } from './format.ts';

/** What agents' own logs say of usage limits. Nothing when no log says anything. */
export async function showLimits(place: HTMLElement): Promise<void> {
  const { limits } = await get<LimitsJson>('/api/v1/limits');
  const shown = limits.filter((limit) => limit.used_pct !== null);
  if (shown.length === 0) return fill(place);
  fill(
    place,
    section(
      'limits',
      'Usage limits',
      ...shown.map((limit) => {
        const pct = limit.used_pct ?? 0;
        const isPast = limit.state !== 'current';
        return h(
          'div',
          { class: isPast ? 'limit faint' : 'limit' },
          h(
            'div',
            { class: 'pair' },
            h('span', {}, `${limit.provider} · ${words(limit.window)}`),
            h('strong', {}, `${pct.toFixed(0)} %`),
          ),
          gauge(
            isPast ? 0 : pct,
            pct >= 95 ? 'bad' : pct >= 80 ? 'warn' : 'good',
            `${limit.provider} ${words(limit.window)}`,
          ),
          h('p', { class: 'faint' }, `${until(limit.resets_at)} · told ${ago(limit.as_of)}`),
        );
      }),
    ),
  );
}

/** Alerts that are on, as a banner on top. */
export async function showAlerts(place: HTMLElement): Promise<void> {
  const { firing } = await get<AlertsJson>('/api/v1/alerts?limit=1');
  fill(
    place,
    ...firing.map((alert) =>
      h(
        'p',
        { class: `banner ${alert.severity}` },
        h('strong', {}, `${words(alert.type)} `),
        ...(alert.project === undefined ? [] : [`${alert.project}: `]),
        alert.message,
      ),
    ),
  );
}

export async function showProviders(place: HTMLElement): Promise<void> {
  const { providers } = await get<ProvidersJson>('/api/v1/providers');
  const used = providers.filter((provider) => provider.found || provider.turns > 0);
  fill(
    place,
    section(
      'providers',
      'Agents',
      used.length === 0
        ? h('p', { class: 'faint' }, 'No agent has left logs on this machine yet. See made-up ones with: scopeon demo')
        : table<ProvidersJson['providers'][number]>(
            'Agents',
            [
              { title: 'Agent', cell: (row) => row.title },
              { title: 'State', cell: (row) => stateOf(row) },
              { title: 'Sessions', number: true, cell: (row) => compact(row.sessions) },
              { title: 'Turns', number: true, cell: (row) => compact(row.turns) },
              { title: 'Skipped', number: true, cell: (row) => compact(row.skipped.invalid + row.skipped.oversize) },
              { title: 'Last turn', number: true, cell: (row) => ago(row.last_turn_at) },
            ],
            used,
          ),
    ),
  );
}

function stateOf(row: ProvidersJson['providers'][number]): HTMLElement {
  if (!row.enabled) return h('span', { class: 'faint' }, 'switched off');
  if (row.failure !== null) return h('span', { class: 'bad' }, 'broken: run scopeon doctor');
  if (row.dark) return h('span', { class: 'warn' }, 'went dark');
  return h('span', { class: 'good' }, 'read');
}

interface ProjectRow {
  readonly key: string | null;
  readonly cost_usd: number | null;
  readonly turns: number;
  readonly sessions: number;
  readonly total_tokens: number;
  readonly cache_hit_rate: number | null;
}

export async function showProjects(place: HTMLElement): Promise<void> {
  const { rows } = await get<{ rows: ProjectRow[] }>('/api/v1/reports/project?limit=10&since=30d');
  fill(
    place,
    section(
      'projects',
      'Projects, last 30 days',
      rows.length === 0
        ? h('p', { class: 'faint' }, 'Nothing was used in the last 30 days.')
        : table<ProjectRow>(
            'Projects of the last 30 days',
            [
              { title: 'Project', cell: (row) => row.key ?? '(none)' },
              { title: 'Cost', number: true, cell: (row) => usd(row.cost_usd) },
              { title: 'Sessions', number: true, cell: (row) => compact(row.sessions) },
              { title: 'Turns', number: true, cell: (row) => compact(row.turns) },
              { title: 'Tokens', number: true, cell: (row) => compact(row.total_tokens) },
              { title: 'Cache', number: true, cell: (row) => percent(row.cache_hit_rate) },
            ],
            rows,
          ),
    ),
  );
}

type Session = SessionsAnswer['sessions'][number];

export async function showSessions(place: HTMLElement, open: (id: string) => void): Promise<void> {
  const { sessions } = await get<SessionsAnswer>('/api/v1/sessions?limit=20');
  fill(
    place,
    section(
      'sessions',
      'Sessions',
      sessions.length === 0
        ? h('p', { class: 'faint' }, 'No session yet.')
        : table<Session>(
            'The newest sessions; choose one to see its turns',
            [
              { title: 'Project', cell: (row) => row.project_name || '(none)' },
              { title: 'Branch', cell: (row) => row.git_branch },
              { title: 'Model', cell: (row) => row.model },
              { title: 'Cost', number: true, cell: (row) => usd(row.cost_usd) },
              { title: 'Turns', number: true, cell: (row) => compact(row.total_turns) },
              { title: 'Cache', number: true, cell: (row) => percent(row.cache_hit_rate) },
              { title: 'Last turn', number: true, cell: (row) => ago(row.last_turn_at) },
            ],
            sessions,
            (row) => open(row.id),
          ),
    ),
  );
}

type Turn = SessionTurnsAnswer['turns'][number];

/** One session: how its context filled, and its turns. */
export async function showSession(place: HTMLElement, id: string, close: () => void): Promise<void> {
  const { session, turns } = await get<SessionTurnsAnswer>(`/api/v1/sessions/${encodeURIComponent(id)}?limit=300`);
  const own = turns.filter((turn) => turn.fill_pct !== null);
  const marks = own.filter(
    (turn, i) => (own[i - 1]?.fill_pct ?? 0) > 25 && (turn.fill_pct ?? 0) < (own[i - 1]?.fill_pct ?? 0) / 2,
  );
  const back = h('button', { type: 'button', class: 'link' }, 'Close');
  back.addEventListener('click', close);
  const window = session.context_window === null ? '' : ` of ${compact(session.context_window)} tokens`;
  fill(
    place,
    section(
      'session',
      `${session.project_name || 'Session'} · ${session.model}`,
      h(
        'p',
        { class: 'faint' },
        `${session.provider} ${session.provider_version} · ${usd(session.cost_usd)} · ${compact(session.total_turns)} turns · ${session.subagents} subagents · ${session.compactions} compactions `,
        back,
      ),
      h('h3', {}, `Context fill${window}`),
      own.length < 2
        ? h('p', { class: 'faint' }, 'Too few turns to draw.')
        : timeLine(
            own.map((turn) => turn.at),
            own.map((turn) => turn.fill_pct),
            { max: 100, format: (value) => `${value} %`, marks: marks.map((turn) => turn.at) },
          ).element,
      table<Turn>(
        'Turns of the session, newest first',
        [
          { title: 'Time', cell: (row) => new Date(row.at).toLocaleString('en-GB') },
          { title: 'Model', cell: (row) => `${row.model}${row.is_subagent ? ' (subagent)' : ''}` },
          {
            title: 'Context',
            number: true,
            cell: (row) => (row.fill_pct === null ? '' : `${row.fill_pct.toFixed(1)} %`),
          },
          { title: 'Input', number: true, cell: (row) => compact(row.input_tokens) },
          { title: 'Cache read', number: true, cell: (row) => compact(row.cache_read_tokens) },
          { title: 'Cache write', number: true, cell: (row) => compact(row.cache_write_tokens) },
          { title: 'Output', number: true, cell: (row) => compact(row.output_tokens) },
          { title: 'Tools', number: true, cell: (row) => (row.tool_calls === 0 ? '' : String(row.tool_calls)) },
          { title: 'Cost', number: true, cell: (row) => usd(row.cost_usd) },
        ],
        [...turns].reverse(),
      ),
    ),
  );
}

interface ToolRow {
  readonly key: string | null;
  readonly server?: string;
  readonly calls: number;
  readonly errors: number;
  readonly sessions: number;
}

/** Tools, those of MCP servers under their server. */
export async function showTools(place: HTMLElement): Promise<void> {
  const { rows } = await get<{ rows: ToolRow[] }>('/api/v1/reports/tool?since=30d&limit=200');
  const servers = new Map<string, ToolRow[]>();
  for (const row of rows) servers.set(row.server ?? '', [...(servers.get(row.server ?? '') ?? []), row]);
  fill(
    place,
    section(
      'tools',
      'Tools, last 30 days',
      rows.length === 0 ? h('p', { class: 'faint' }, 'No tool was called in the last 30 days.') : null,
      ...[...servers].map(([server, own]) =>
        h(
          'details',
          { open: server === '' },
          h('summary', {}, `${server === '' ? 'Built in' : `MCP: ${server}`} · ${compact(sumOf(own))} calls`),
          table<ToolRow>(
            server === '' ? 'Built-in tools' : `Tools of ${server}`,
            [
              { title: 'Tool', cell: (row) => row.key ?? '(none)' },
              { title: 'Calls', number: true, cell: (row) => compact(row.calls) },
              { title: 'Errors', number: true, cell: (row) => (row.errors === 0 ? '' : compact(row.errors)) },
              { title: 'Sessions', number: true, cell: (row) => compact(row.sessions) },
            ],
            own,
          ),
        ),
      ),
    ),
  );
}

function sumOf(rows: readonly ToolRow[]): number {
  return rows.reduce((sum, row) => sum + row.calls, 0);
}
