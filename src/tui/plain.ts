import { displaySafe } from '../display.ts';
import type { Zone } from '../metrics/calendar.ts';
import { countOf, formatPct, localMinute } from '../report/format.ts';
import type { CollectorView } from './app.tsx';
import { nameText, shortModel, spendText } from './components/figures.ts';
import { isLiveAt } from './components/session-table.ts';
import type { SummaryFacts } from './components/summary-facts.ts';
import summary from './questions/summary.ts';
import { createStoreLink, type StoreThread } from './store-link.ts';

export interface PlainOptions {
  readonly startStore: () => StoreThread;
  readonly collector: CollectorView;
  readonly zone: Zone;
  readonly clock: () => number;
  readonly out: { write(text: string): unknown };
  /** Aborted: it ends. */
  readonly signal: AbortSignal;
  /** At least so long between two tellings, ms. Default: ten seconds. */
  readonly everyMs?: number;
}

/**
 * The live view as sentences below one another, for a screen reader: first how things stand, then what changed of it.
 * Nothing is ever drawn over, and no control sequence is written.
 */
export async function runPlain(options: PlainOptions): Promise<void> {
  const { collector, zone, clock, out, signal, everyMs = 10_000 } = options;
  const link = createStoreLink(options.startStore);
  let told: readonly string[] = [];
  function tell(sentences: readonly string[]): void {
    const time = localMinute(clock(), zone).slice(-5);
    const news = sentences.filter((sentence) => !told.includes(sentence));
    if (news.length > 0) out.write(news.map((sentence) => `${time} ${sentence}\n`).join(''));
    told = sentences;
  }
  function look(): void {
    const { hasSessions, isKnown, trouble } = link.state;
    if (trouble !== undefined) return tell([`The store cannot be read: ${displaySafe(trouble)}`]);
    if (!hasSessions) return tell(isKnown ? ['No agent logs yet. They show up here by themselves.'] : []);
    link.ask(summary.name, { wanted: true }, (reply) => {
      if (reply?.value === undefined || signal.aborted) return;
      const facts = reply.value as SummaryFacts; // what the question of this name gave
      tell([...readingSentences(collector), ...summarySentences(facts, clock())]);
    });
  }
  const timer = setInterval(look, everyMs);
  // The first telling does not wait for its turn.
  const stop = link.onState(() => {
    if (told.length === 0) look();
  });
  try {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    clearInterval(timer);
    stop();
    await link.close();
  }
}

function readingSentences({ state }: CollectorView): readonly string[] {
  switch (state.phase) {
    case 'failed':
      return [`Logs are not being read: ${displaySafe(state.message ?? 'for an unknown reason')}`];
    case 'standby':
      return ['Another scopeon is reading the logs; these are its figures.'];
    case 'starting':
    case 'filling':
    case 'reading':
    case 'watching':
      return [];
    default:
      return state.phase satisfies never;
  }
}

/** Whole sentences, each of one thing, so that only what changed is said again. */
function summarySentences(facts: SummaryFacts, now: number): readonly string[] {
  const { today, week, month, live, current, health, cachePct, advice, alerts } = facts;
  const isLive = current !== undefined && isLiveAt(current.lastActivityAt, now);
  return [
    ...alerts.map((message) => `Alert: ${displaySafe(message)}`),
    `Cost today ${spendText(today)}, this week ${spendText(week)}, this month ${spendText(month)}.`,
    live === 0 ? 'No session is live.' : `${countOf(live, 'session')} live.`,
    ...(isLive ? [sessionSentence(current)] : []),
    ...(health === undefined ? [] : [`Health ${health} of 100.`]),
    ...(cachePct === undefined ? [] : [`${formatPct(cachePct)} of the input came from the cache.`]),
    ...advice.slice(0, 1).map((title) => `To change: ${displaySafe(title)}`),
  ];
}

function sessionSentence(session: NonNullable<SummaryFacts['current']>): string {
  const { project, branch, model, fillPct, turnsLeft } = session;
  const where = branch === null ? '' : ` on ${nameText(branch)}`;
  const context = fillPct === undefined ? 'context not known' : `context ${formatPct(fillPct)} full`;
  const left = turnsLeft === undefined ? '' : `, about ${countOf(turnsLeft, 'turn')} left`;
  return `${nameText(project, 'Outside any project')}${where} with ${shortModel(model)}: ${context}${left}.`;
}
