import type { StatsAnswer } from '../../report/answer-schemas.ts';
import { ApiError, forgetToken, get } from './api.ts';
import { createCards } from './cards.ts';
import { byId, fill, h } from './dom.ts';
import { clock } from './format.ts';
import { follow, type Snapshot, type Way } from './live.ts';
import {
  createSessions,
  showAlerts,
  showLimits,
  showProjects,
  showProviders,
  showSession,
  showTools,
} from './sections.ts';
import { showSpend } from './spend.ts';
import { askForToken } from './token-prompt.ts';

interface Health {
  readonly status: string;
  readonly version: string;
  readonly tier: number;
  readonly demo?: boolean;
}

/** Tables are asked for again at most this often while things change. */
const tablesEveryMs = 4_000;

const ways: Readonly<Record<Way, string>> = {
  live: 'Live',
  stream: 'Live (event stream)',
  polling: 'Asking every ten seconds',
  disconnected: 'Disconnected',
};

const main = byId('main');
const connection = byId('connection');
let health: Health;
/** When the server was last heard, by this machine's clock. */
let lastNews = Date.now();

await start();

async function start(): Promise<void> {
  health = await get<Health>('/health');
  byId('version').textContent = `v${health.version} · tier ${health.tier}`;
  const mark = byId('mark');
  mark.hidden = health.demo !== true;
  mark.textContent = 'demo data';
  if (health.tier === 0) {
    fill(
      main,
      h('p', {}, "This server tells only that it runs. Restart it with 'scopeon serve --tier 1' for figures."),
    );
    return say('Running');
  }
  await untilLetIn();
  run();
}

/** Asks for the token as long as the server wants one. */
async function untilLetIn(): Promise<void> {
  for (let words = 'It was shown, or chosen, when scopeon serve was started.'; ; ) {
    try {
      await get<StatsAnswer>('/api/v1/stats');
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 429) words = error.message;
      else if (error.status === 401) words = words.startsWith('It was') ? words : 'That was not it.';
      else if (error.status === 503)
        return; // the logs are being read for the first time
      else throw error;
      forgetToken();
      await askForToken(words);
      words = 'That was not it.';
    }
  }
}

function run(): void {
  const cards = createCards();
  const places = {
    spend: h('div'),
    limits: h('div'),
    providers: h('div'),
    projects: h('div'),
    sessions: h('div'),
    session: h('div'),
    tools: h('div'),
  };
  const empty = h('div');
  fill(
    main,
    empty,
    cards.element,
    h('div', { class: 'two' }, places.spend, cards.tokens),
    places.limits,
    h('div', { class: 'halves' }, places.projects, places.providers),
    places.session,
    places.sessions,
    places.tools,
  );
  let openSession: string | undefined;
  const closeSession = (): void => {
    const id = openSession;
    openSession = undefined;
    fill(places.session);
    byId('sessions').scrollIntoView({ block: 'start' });
    for (const row of places.sessions.querySelectorAll<HTMLElement>('[data-key]'))
      if (row.dataset.key === id) row.focus({ preventScroll: true });
  };
  const open = (id: string): void => {
    openSession = id;
    void quietly(() => showSession(places.session, id, closeSession)).then(() => {
      places.session.scrollIntoView({ block: 'start' });
      places.session.querySelector<HTMLElement>('[data-key=close]')?.focus({ preventScroll: true });
    });
  };
  places.session.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') closeSession();
  });
  const showSessions = createSessions(places.sessions, open);

  let lastTables = Number.NEGATIVE_INFINITY;
  let waiting: number | undefined;
  const tables = (): void => {
    lastTables = performance.now();
    waiting = undefined;
    void quietly(() => showAlerts(byId('alerts')));
    void quietly(() => showSpend(places.spend));
    void quietly(() => showLimits(places.limits));
    void quietly(() => showProviders(places.providers));
    if (health.tier >= 2) {
      void quietly(() => showProjects(places.projects));
      void quietly(() => showSessions());
      const id = openSession;
      if (id !== undefined) void quietly(() => showSession(places.session, id, closeSession));
    }
    if (health.tier >= 3) void quietly(() => showTools(places.tools));
  };
  /** Soon, and not more often than is of use. Whoever is reading a table keeps it as it is. */
  const tablesSoon = (): void => {
    if (waiting !== undefined) return;
    waiting = window.setTimeout(tables, Math.max(0, lastTables + tablesEveryMs - performance.now()));
  };
  const poll = async (): Promise<void> => {
    // Without a stream of snapshots the same figures are asked for one by one.
    const response = await quietly(() => get<StatsAnswer>('/api/v1/stats'));
    if (response === undefined) return;
    lastNews = Date.now();
    await quietly(async () => cards.show(await assembled(response)));
    tablesSoon();
  };

  // Times such as "3m ago" grow old by themselves.
  setInterval(tablesSoon, 60_000);
  void follow(
    {
      snapshot(snapshot) {
        lastNews = Date.now();
        cards.show(snapshot);
        fill(empty, ...(snapshot.data.token_usage.total_turns === 0 ? [nothingYet()] : []));
        tablesSoon();
      },
      changed: () => void poll(),
      alert: () => tablesSoon(),
      way: (way) => {
        say(ways[way], way);
        main.classList.toggle('stale', way === 'disconnected');
      },
    },
    new AbortController().signal,
  );
}

function nothingYet(): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'Nothing has been used yet'),
    h(
      'p',
      {},
      'scopeon reads the logs that coding agents leave on this machine. Use one, and its figures appear here by themselves.',
    ),
    h('p', {}, 'To see what it will look like: scopeon demo serve'),
  );
}

/** A snapshot from the answers of single routes. */
async function assembled(stats: StatsAnswer): Promise<Snapshot> {
  const budget = await get<{
    daily_cost_usd: number;
    weekly_cost_usd: number;
    monthly_cost_usd: number;
    limits: { daily_usd: number | null; weekly_usd: number | null; monthly_usd: number | null };
  }>('/api/v1/budget');
  const limit = budget.limits.daily_usd ?? 0;
  return {
    version: health.version,
    data: {
      context_pressure: stats.context_fill_pct === undefined ? {} : { fill_pct: stats.context_fill_pct },
      budget_status: {
        daily_spent: budget.daily_cost_usd,
        daily_limit: limit,
        weekly_spent: budget.weekly_cost_usd,
        weekly_limit: budget.limits.weekly_usd ?? 0,
        monthly_spent: budget.monthly_cost_usd,
        monthly_limit: budget.limits.monthly_usd ?? 0,
        over_budget: limit > 0 && budget.daily_cost_usd > limit,
      },
      token_usage: {
        total_sessions: stats.total_sessions,
        total_turns: stats.total_turns,
        total_input_tokens: stats.total_input_tokens,
        total_output_tokens: stats.total_output_tokens,
        total_cache_read_tokens: stats.total_cache_read_tokens,
        total_cache_write_tokens: stats.total_cache_write_tokens,
        total_thinking_tokens: stats.total_thinking_tokens ?? 0,
        estimated_cost_usd: stats.estimated_cost_usd,
        unpriced_turns: stats.unpriced_turns,
      },
      cache_efficiency: { cache_hit_rate: stats.cache_hit_rate, cache_savings_usd: stats.cache_savings_usd },
      history_30d: [],
    },
  };
}

/** What fails says so where it is; the rest of the page goes on. */
async function quietly<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ApiError && error.status === 503) say('The logs are being read for the first time');
    else if (error instanceof ApiError && error.status === 401) location.reload();
    return undefined;
  }
}

function say(words: string, way?: Way): void {
  connection.textContent = way === 'disconnected' ? `${words}: figures of ${clock(lastNews)}` : words;
  connection.className = `connection ${way ?? ''}`;
}
