import { fill, gauge, h, type Tone } from './dom.ts';
import { clock, compact, percent, usd } from './format.ts';
import type { Snapshot } from './live.ts';

/** The six cards on top. Made once, filled with every snapshot. */
export interface Cards {
  readonly element: HTMLElement;
  show(snapshot: Snapshot): void;
}

export function createCards(): Cards {
  const context = card('Context pressure');
  const cost = card('Today');
  const cache = card('Cache efficiency');
  const tokens = card('Token usage');
  const month = card('Week and month');
  const stats = card('All time');
  return {
    element: h('div', { class: 'cards' }, ...[context, cost, cache, tokens, month, stats].map((each) => each.element)),
    show({ data }) {
      showContext(context.body, data.context_pressure);
      showCost(cost.body, data.budget_status);
      const { cache_hit_rate: rate, cache_savings_usd: saved } = data.cache_efficiency;
      fill(
        cache.body,
        big(percent(rate)),
        gauge(rate * 100, rate >= 0.7 ? 'good' : rate >= 0.4 ? 'warn' : 'bad', 'Cache hit rate'),
        line(saved >= 0 ? `${usd(saved)} saved` : `${usd(-saved)} more spent on writing than reading saved`),
      );
      const use = data.token_usage;
      fill(
        tokens.body,
        list([
          ['Input', compact(use.total_input_tokens)],
          ['Cache read', compact(use.total_cache_read_tokens)],
          ['Cache write', compact(use.total_cache_write_tokens)],
          ['Output', compact(use.total_output_tokens)],
          ['Reasoning', use.total_thinking_tokens === 0 ? '–' : compact(use.total_thinking_tokens)],
        ]),
      );
      const budget = data.budget_status;
      fill(
        month.body,
        ...spell('This week', budget.weekly_spent, budget.weekly_limit),
        ...spell('This month', budget.monthly_spent, budget.monthly_limit),
      );
      fill(
        stats.body,
        big(usd(use.estimated_cost_usd)),
        line(`${compact(use.total_turns)} turns in ${compact(use.total_sessions)} sessions`),
        use.unpriced_turns > 0 ? line(`${compact(use.unpriced_turns)} turns without a price`, 'warn') : null,
        line(`As of ${clock(Date.now())}`, 'faint'),
      );
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
    line(`${compact(now.tokens_remaining)} of ${compact(now.context_window)} left`),
    line(turns === null || turns === undefined ? 'Turns left: not known yet' : `About ${turns} turns left`),
    line(now.model ?? '', 'faint'),
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
  );
}

function spell(name: string, spent: number, limit: number): readonly HTMLElement[] {
  const pct = limit > 0 ? (spent / limit) * 100 : 0;
  const words = limit > 0 ? `${usd(spent)} of ${usd(limit)}` : usd(spent);
  return [
    h('div', { class: 'pair' }, h('span', {}, name), h('strong', {}, words)),
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

function list(pairs: readonly (readonly [name: string, value: string])[]): HTMLElement {
  return h(
    'dl',
    {},
    ...pairs.map(([name, value]) => h('div', { class: 'pair' }, h('dt', {}, name), h('dd', {}, value))),
  );
}
