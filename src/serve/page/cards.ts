import { fill, gauge, h, type Tone } from './dom.ts';
import { clock, compact, counted, percent, usd } from './format.ts';
import type { Snapshot } from './live.ts';

/** The cards on top and the tokens beside the chart. Made once, filled with every snapshot. */
export interface Cards {
  readonly element: HTMLElement;
  readonly tokens: HTMLElement;
  show(snapshot: Snapshot): void;
}

export function createCards(): Cards {
  const context = card('Context pressure');
  const cost = card('Today');
  const cache = card('Cache efficiency');
  const all = card('All time');
  const tokens = h('div', {}, h('p', { class: 'faint' }, '…'));
  return {
    element: h('div', { class: 'cards' }, ...[context, cost, cache, all].map((each) => each.element)),
    tokens: h(
      'section',
      { id: 'tokens', 'aria-labelledby': 'tokens-title' },
      h('h2', { id: 'tokens-title' }, 'Token usage'),
      tokens,
    ),
    show({ data }) {
      showContext(context.body, data.context_pressure);
      showCost(cost.body, data.budget_status);
      showCache(cache.body, data);
      const use = data.token_usage;
      fill(
        all.body,
        big(usd(use.estimated_cost_usd)),
        line(`${counted(use.total_turns, 'turn')} in ${counted(use.total_sessions, 'session')}`),
        use.unpriced_turns > 0 ? line(`${counted(use.unpriced_turns, 'turn')} without a price`, 'warn') : null,
        line(`As of ${clock(Date.now())}`, 'faint'),
      );
      showTokens(tokens, use);
    },
  };
}

function showContext(body: HTMLElement, now: Snapshot['data']['context_pressure']): void {
  if (now.fill_pct === undefined) {
    fill(body, big('–'), line('No session is live.', 'faint'));
    return;
  }
  const fillPct = now.fill_pct;
  const tone: Tone = fillPct >= 95 ? 'bad' : fillPct >= 80 ? 'warn' : 'good';
  const turns = now.predicted_turns_remaining;
  fill(
    body,
    big(`${fillPct.toFixed(1)} %`),
    gauge(fillPct, tone, 'Context fill'),
    now.context_window === undefined
      ? null
      : line(`${compact(now.tokens_remaining)} of ${compact(now.context_window)} tokens left`),
    line(turns === null || turns === undefined ? 'Turns left: not known yet' : `About ${counted(turns, 'turn')} left`),
    line([now.project_name, now.model].filter((name) => name !== undefined && name !== '').join(' · '), 'faint'),
  );
}

function showCost(body: HTMLElement, budget: Snapshot['data']['budget_status']): void {
  const { daily_spent: spent, daily_limit: limit } = budget;
  const pct = limit > 0 ? (spent / limit) * 100 : 0;
  fill(
    body,
    big(usd(spent)),
    limit > 0 ? gauge(pct, toneOf(pct), 'Daily budget') : null,
    line(limit > 0 ? `${pct.toFixed(0)} % of ${usd(limit)}` : 'No limit set', limit > 0 ? undefined : 'faint'),
    budget.over_budget ? line('Over the daily budget', 'bad') : null,
    ...spell('This week', budget.weekly_spent, budget.weekly_limit),
    ...spell('This month', budget.monthly_spent, budget.monthly_limit),
  );
}

function showCache(body: HTMLElement, { cache_efficiency: cache, token_usage: use }: Snapshot['data']): void {
  const { cache_hit_rate: rate, cache_savings_usd: saved } = cache;
  if (use.total_cache_read_tokens + use.total_input_tokens === 0)
    return fill(body, big('–'), line('No prompt has been sent yet.', 'faint'));
  fill(
    body,
    big(percent(rate)),
    gauge(rate * 100, rate >= 0.7 ? 'good' : rate >= 0.4 ? 'warn' : 'bad', 'Cache hit rate'),
    line(saved >= 0 ? `${usd(saved)} saved` : `${usd(-saved)} more spent on writing than reading saved`),
    line(
      `${compact(use.total_cache_read_tokens)} tokens read, ${compact(use.total_cache_write_tokens)} written`,
      'faint',
    ),
  );
}

/** Where tokens go, as one bar and in numbers. Reasoning is a part of the output. */
function showTokens(place: HTMLElement, use: Snapshot['data']['token_usage']): void {
  const kinds = [
    ['Cache read', use.total_cache_read_tokens],
    ['Cache write', use.total_cache_write_tokens],
    ['Input', use.total_input_tokens],
    ['Output', use.total_output_tokens],
  ] as const;
  const total = kinds.reduce((sum, [, value]) => sum + value, 0);
  const share = (value: number): number => (total === 0 ? 0 : value / total);
  const segments = kinds.map(([, value], i) => {
    const segment = h('span', { class: `s${i + 1}` });
    segment.style.flexGrow = String(share(value));
    return segment;
  });
  const pairs = kinds.map(([name, value], i) =>
    h(
      'div',
      { class: 'pair' },
      h('dt', {}, h('span', { class: `swatch s${i + 1}` }), name),
      h('dd', {}, compact(value), h('span', { class: 'share' }, percent(share(value)))),
    ),
  );
  const reasoning = use.total_thinking_tokens;
  fill(
    place,
    h('p', { class: 'big' }, compact(total)),
    total === 0 ? null : h('div', { class: 'segments', 'aria-hidden': 'true' }, ...segments),
    h('dl', {}, ...pairs),
    reasoning === 0 ? null : line(`${compact(reasoning)} of the output was reasoning, as far as agents tell.`, 'faint'),
  );
}

function spell(name: string, spent: number, limit: number): readonly HTMLElement[] {
  const pct = limit > 0 ? (spent / limit) * 100 : 0;
  const words = limit > 0 ? `${usd(spent)} of ${usd(limit)}` : usd(spent);
  return [
    h('div', { class: 'pair' }, h('span', { class: 'faint' }, name), h('strong', {}, words)),
    ...(limit > 0 ? [gauge(pct, toneOf(pct), `${name}'s budget`)] : []),
  ];
}

function toneOf(pct: number): Tone {
  return pct >= 100 ? 'bad' : pct >= 80 ? 'warn' : 'good';
}

function card(title: string): { readonly element: HTMLElement; readonly body: HTMLElement } {
  const body = h('div', { class: 'body' }, h('p', { class: 'faint' }, '…'));
  return { element: h('article', { class: 'card' }, h('h2', {}, title), body), body };
}

function big(text: string): HTMLElement {
  return h('p', { class: 'big' }, text);
}

function line(text: string, tone?: string): HTMLElement {
  return h('p', { class: tone }, text);
}
