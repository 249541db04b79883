import type { AlertsJson } from '../../report/alert-schema.ts';
import type { SessionsAnswer, SessionTurnsAnswer } from '../../report/answer-schemas.ts';
import type { LimitsJson, ProvidersJson } from '../../report/shape.ts';
import { get } from './api.ts';
import { timeLine } from './chart.ts';
import { barred, fill, gauge, h, refill, section, table } from './dom.ts';
import { ago, compact, counted, moment, percent, span, title, until, usd, words } from './format.ts';

/** What agents' own logs say of usage limits. Nothing when no log says anything. */
export async function showLimits(place: HTMLElement): Promise<void> {
  const { limits } = await get<LimitsJson>('/api/v1/limits');
  const shown = limits.filter((limit) => limit.used_pct !== null || limit.used !== null);
  if (shown.length === 0) return fill(place);
  refill(place, section('limits', 'Usage limits', ...shown.map((limit) => limitOf(limit))));
}

function limitOf(limit: LimitsJson['limits'][number]): HTMLElement {
  const { used_pct: pct, used, entitlement } = limit;
  const isPast = limit.state !== 'current';
  const name = `${limit.provider} · ${windowName(limit)}`;
  const much =
    pct === null
      ? `${compact(used)}${entitlement === null ? '' : ` of ${compact(entitlement)}`}`
      : `${pct.toFixed(0)} %`;
  return h(
    'div',
    { class: isPast ? 'limit faint' : 'limit' },
    h('div', { class: 'pair' }, h('span', {}, name), h('strong', {}, much)),
    pct === null ? null : gauge(isPast ? 0 : pct, pct >= 95 ? 'bad' : pct >= 80 ? 'warn' : 'good', name),
    h(
      'p',
      { class: 'faint' },
      [until(limit.resets_at), `told ${ago(limit.as_of)}`].filter((text) => text !== '').join(' · '),
    ),
  );
}

function windowName({ window, window_minutes: minutes }: LimitsJson['limits'][number]): string {
  return minutes !== null && /^\d+_minutes$/.test(window) ? span(minutes) : words(window);
}

/** Alerts that are on, as banners on top; those that say the same are one. */
export async function showAlerts(place: HTMLElement): Promise<void> {
  const { firing } = await get<AlertsJson>('/api/v1/alerts?limit=1');
  const banners = new Map<string, { readonly alert: AlertsJson['firing'][number]; readonly times: number }>();
  for (const alert of firing) {
    const words = `${alert.type} ${alert.project ?? ''} ${alert.message}`;
    banners.set(words, { alert, times: (banners.get(words)?.times ?? 0) + 1 });
  }
  const text = JSON.stringify([...banners].map(([words, { times }]) => [words, times]));
  if (place.dataset.shown === text) return; // said once by a screen reader, not with every look
  place.dataset.shown = text;
  fill(
    place,
    ...[...banners.values()].map(({ alert, times }) =>
      h(
        'p',
        { class: `banner ${alert.severity}` },
        h('strong', {}, title(alert.type)),
        ` ${alert.project === undefined ? '' : `${alert.project}: `}${alert.message}`,
        times === 1 ? null : h('span', { class: 'faint' }, ` ×${times}`),
      ),
    ),
  );
}

export async function showProviders(place: HTMLElement): Promise<void> {
  const { providers } = await get<ProvidersJson>('/api/v1/providers');
  const used = providers.filter((provider) => provider.found || provider.turns > 0);
  refill(
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
              { title: 'Sessions', number: true, wide: true, cell: (row) => compact(row.sessions) },
              { title: 'Turns', number: true, cell: (row) => compact(row.turns) },
              {
                title: 'Skipped',
                number: true,
                wide: true,
                cell: (row) => compact(row.skipped.invalid + row.skipped.oversize),
              },
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
  const most = Math.max(...rows.map((row) => row.cost_usd ?? 0), 1e-9);
  refill(
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
              { title: 'Cost', number: true, cell: (row) => barred(usd(row.cost_usd), (row.cost_usd ?? 0) / most) },
              { title: 'Sessions', number: true, wide: true, cell: (row) => compact(row.sessions) },
              { title: 'Turns', number: true, cell: (row) => compact(row.turns) },
              { title: 'Tokens', number: true, wide: true, cell: (row) => compact(row.total_tokens) },
              { title: 'Cache', number: true, wide: true, cell: (row) => percent(row.cache_hit_rate) },
            ],
            rows,
          ),
    ),
  );
}

type Session = SessionsAnswer['sessions'][number];

/** How many sessions are shown at first, and how many more at a time. */
const sessionsAtOnce = 12;
const mostSessions = 1_000;

/** The newest sessions; older ones when asked for. */
export function createSessions(place: HTMLElement, open: (id: string) => void): () => Promise<void> {
  let shown = sessionsAtOnce;
  const show = async (): Promise<void> => {
    const { sessions, next_before } = await get<SessionsAnswer>(`/api/v1/sessions?limit=${shown}`);
    const most = Math.max(...sessions.map((row) => row.cost_usd ?? 0), 1e-9);
    const more = h('button', { type: 'button', class: 'link', 'data-key': 'more' }, 'Show older ones');
    more.addEventListener('click', () => {
      shown = Math.min(mostSessions, shown + 2 * sessionsAtOnce);
      void show();
    });
    refill(
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
                { title: 'Branch', wide: true, cell: (row) => row.git_branch },
                { title: 'Model', wide: true, cell: (row) => row.model },
                { title: 'Cost', number: true, cell: (row) => barred(usd(row.cost_usd), (row.cost_usd ?? 0) / most) },
                { title: 'Turns', number: true, cell: (row) => compact(row.total_turns) },
                { title: 'Cache', number: true, wide: true, cell: (row) => percent(row.cache_hit_rate) },
                { title: 'Last turn', number: true, cell: (row) => ago(row.last_turn_at) },
              ],
              sessions,
              { key: (row) => row.id, open: (row) => open(row.id) },
            ),
        next_before === null || shown === mostSessions ? null : more,
      ),
    );
  };
  return show;
}

type Turn = SessionTurnsAnswer['turns'][number];

/** One session: how its context filled, and its turns. */
export async function showSession(place: HTMLElement, id: string, close: () => void): Promise<void> {
  const { session, turns } = await get<SessionTurnsAnswer>(`/api/v1/sessions/${encodeURIComponent(id)}?limit=300`);
  const own = turns.filter((turn) => turn.fill_pct !== null);
  const marks = own.filter(
    (turn, i) => (own[i - 1]?.fill_pct ?? 0) > 10 && (turn.fill_pct ?? 0) < (own[i - 1]?.fill_pct ?? 0) / 2,
  );
  const legend = marks.length === 0 ? '' : '; dashed: the context was compacted';
  const back = h('button', { type: 'button', class: 'link', 'data-key': 'close' }, 'Close');
  back.addEventListener('click', close);
  const window = session.context_window === null ? '' : ` of ${compact(session.context_window)} tokens`;
  refill(
    place,
    section(
      'session',
      `${session.project_name || 'Session'} · ${session.model}`,
      h(
        'p',
        { class: 'faint' },
        [
          `${session.provider} ${session.provider_version}`.trim(),
          session.git_branch,
          `since ${moment(session.started_at)}`,
          usd(session.cost_usd),
          counted(session.total_turns, 'turn'),
          `cache ${percent(session.cache_hit_rate)}`,
          counted(session.subagents, 'subagent'),
          counted(session.compactions, 'compaction'),
          ...session.tags,
        ]
          .filter((text) => text !== '')
          .join(' · '),
        ' ',
        back,
      ),
      h('h3', {}, `Context fill${window}${legend}`),
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
          { title: 'Time', cell: (row) => moment(row.at) },
          { title: 'Model', wide: true, cell: (row) => `${row.model}${row.is_subagent ? ' (subagent)' : ''}` },
          {
            title: 'Context',
            number: true,
            cell: (row) => (row.fill_pct === null ? '' : `${row.fill_pct.toFixed(1)} %`),
          },
          { title: 'Input', number: true, wide: true, cell: (row) => compact(row.input_tokens) },
          { title: 'Cache read', number: true, wide: true, cell: (row) => compact(row.cache_read_tokens) },
          { title: 'Cache write', number: true, wide: true, cell: (row) => compact(row.cache_write_tokens) },
          { title: 'Output', number: true, wide: true, cell: (row) => compact(row.output_tokens) },
          {
            title: 'Tools',
            number: true,
            wide: true,
            cell: (row) => (row.tool_calls === 0 ? '' : String(row.tool_calls)),
          },
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
  const own = servers.get('') ?? [];
  servers.delete('');
  refill(
    place,
    section(
      'tools',
      'Tools, last 30 days',
      rows.length === 0 ? h('p', { class: 'faint' }, 'No tool was called in the last 30 days.') : null,
      h(
        'div',
        { class: 'halves' },
        own.length === 0 ? null : branch('Built in', own, true),
        servers.size === 0
          ? null
          : h('div', {}, ...[...servers].map(([server, calls], i) => branch(`MCP server ${server}`, calls, i === 0))),
      ),
    ),
  );
}

/** One branch of the tree: who offers the tools, and below it what was called of them. */
function branch(name: string, rows: readonly ToolRow[], open: boolean): HTMLElement {
  const most = Math.max(...rows.map((row) => row.calls), 1);
  return h(
    'details',
    { open, 'data-key': name },
    h('summary', {}, `${name} · ${counted(sumOf(rows), 'call')}`),
    table<ToolRow>(
      `Tools: ${name}`,
      [
        { title: 'Tool', cell: (row) => row.key ?? '(none)' },
        { title: 'Calls', number: true, cell: (row) => barred(compact(row.calls), row.calls / most) },
        { title: 'Errors', number: true, cell: (row) => (row.errors === 0 ? '' : compact(row.errors)) },
        { title: 'Sessions', number: true, wide: true, cell: (row) => compact(row.sessions) },
      ],
      rows,
    ),
  );
}

function sumOf(rows: readonly ToolRow[]): number {
  return rows.reduce((sum, row) => sum + row.calls, 0);
}
