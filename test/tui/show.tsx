import { MessageChannel } from 'node:worker_threads';
import { render } from 'ink-testing-library';
import { displayWidth } from '../../src/display.ts';
import { readPriceBook } from '../../src/ingest/pricing.ts';
import { loadInsightMembers } from '../../src/insight-members.ts';
import { loadMembers } from '../../src/members.ts';
import { parseZone } from '../../src/metrics/calendar.ts';
import { contextWindow } from '../../src/metrics/context-window.ts';
import type { OptimizerModule } from '../../src/optimizer.ts';
import { createGrowthMemory } from '../../src/report/growth-memory.ts';
import type { CollectorState } from '../../src/store/feed.ts';
import { answerQuestions } from '../../src/tui/answers.ts';
import { App, type AppProps } from '../../src/tui/app.tsx';
import { newsRestMs } from '../../src/tui/components/ask.ts';
import { BoardContext, createBoard } from '../../src/tui/components/board.ts';
import { createSessionIndex } from '../../src/tui/components/session-index.ts';
import type { Known, Question } from '../../src/tui/question.ts';
import type { Look } from '../../src/tui/settings-view.ts';
import { createStoreLink, type StoreLink, type StoreThread } from '../../src/tui/store-link.ts';
import type { Given } from '../../src/tui/tab.ts';
import sessions from '../../src/tui/tabs/sessions.tsx';
import { type Background, createTheme, type ThemeName } from '../../src/tui/theme.ts';
import type { TestStore } from './store.ts';

export const now = Date.UTC(2026, 3, 10, 12, 0, 0);

export interface Shown {
  /** The frame's lines, colours removed. */
  lines(): readonly string[];
  text(): string;
  raw(): string;
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Lets the next look at the store happen. */
  look(): Promise<void>;
  setCollector(state: CollectorState): void;
  /** Other settings hold from now on. */
  edit(changes: Partial<Look>): Promise<void>;
  readonly calls: { redraw: number; suspend: number; readonly sent: string[] };
  close(): void;
}

/** The live view on a store, with fixed clock and size, as it would be drawn. */
export async function show(
  store: Pick<TestStore, 'reader'> | undefined,
  options: Partial<Pick<AppProps, 'tabs' | 'looked' | 'mark' | 'welcome'>> & {
    readonly given?: Given;
    readonly size?: readonly [number, number];
    readonly colour?: boolean;
    /** Default: it can. */
    readonly canSuspend?: boolean;
    readonly theme?: ThemeName;
    readonly background?: Background;
    readonly collector?: CollectorState;
    readonly known?: Partial<Known>;
  } = {},
): Promise<Shown> {
  const changes = new Set<() => void>();
  const collector = {
    state: options.collector ?? ({ phase: 'watching' } satisfies CollectorState as CollectorState),
    onChange(listener: () => void) {
      changes.add(listener);
      return () => void changes.delete(listener);
    },
  };
  const real = createStoreLink(await storeThread(store, options.known));
  let outstanding = 0;
  /** What was answered last to each question, and until when it rests at the longest. */
  const answered = new Map<string, { readonly version: number; readonly restedAt: number }>();
  const isResting = (): boolean =>
    [...answered.values()].some((each) => each.version < real.state.version && performance.now() < each.restedAt);
  const link: StoreLink = {
    ...real,
    get state() {
      return real.state;
    },
    ask(question, input, done) {
      outstanding++;
      const askedAt = performance.now();
      real.ask(question, input, (reply) => {
        outstanding--;
        const restedAt = askedAt + newsRestMs(reply?.tookMs ?? 0) + 30;
        answered.set(question + JSON.stringify(input), { version: reply?.version ?? 0, restedAt });
        done(reply);
      });
    },
  };
  let [columns, rows] = options.size ?? [80, 24];
  const listeners = new Set<() => void>();
  const calls = { redraw: 0, suspend: 0, sent: [] as string[] };
  const book = { window: () => ({ tokens: 200_000, source: 'table' as const }) };
  const given = options.given ?? givenFor();
  const edits = new Set<() => void>();
  const settings = {
    look: {
      theme: options.theme ?? 'standard',
      background: options.background ?? 'dark',
      mouse: true,
      refreshMs: 2_000,
      shown: given.settings,
      answers: settingsOf(options.known),
      trouble: undefined,
    } as Look,
    onChange(listener: () => void) {
      edits.add(listener);
      return () => void edits.delete(listener);
    },
  };
  let frame: readonly string[] = [];
  const app = render(
    <BoardContext value={createBoard((lines) => void (frame = lines))}>
      <App
        link={link}
        collector={collector}
        tabs={options.tabs ?? [sessions]}
        settings={settings}
        themeOf={(name, background) => createTheme(name, options.colour === true ? 'any' : 'none', background)}
        mark={options.mark ?? ''}
        zone={parseZone('UTC')}
        given={given}
        windowOf={(facts) =>
          facts.model === null
            ? undefined
            : contextWindow({ model: facts.model, observedMax: facts.maxPromptTokens, book })
        }
        looked={options.looked ?? ['/home/me/.claude/projects']}
        clock={() => now}
        size={() => ({ columns, rows })}
        onResize={(listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        }}
        changes={() => 0}
        redraw={() => void calls.redraw++}
        suspend={options.canSuspend === false ? undefined : () => void calls.suspend++}
        send={(sequence) => void calls.sent.push(sequence)}
        welcome={options.welcome}
      />
    </BoardContext>,
  );
  const raw = (): string => frame.join('\n');
  /** Until every question is answered and the frame has stood still for three looks. Slow is no reason to go on early. */
  const settle = async (ms = 40): Promise<void> => {
    const began = performance.now();
    let before = '';
    for (let calm = 0; calm < 3 && performance.now() - began < 15_000; ) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      calm = outstanding === 0 && !isResting() && raw() === before ? calm + 1 : 0;
      before = raw();
    }
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what it removes
  const text = (): string => raw().replace(/\u001b\[[0-9;]*m/g, '');
  await settle();
  return {
    raw,
    text,
    lines: () => text().split('\n'),
    async press(...keys) {
      for (const key of keys) {
        app.stdin.write(key);
        await settle();
      }
    },
    async resize(newColumns, newRows) {
      [columns, rows] = [newColumns, newRows];
      for (const listener of listeners) listener();
      await settle();
    },
    look: () => settle(260),
    setCollector(state) {
      collector.state = state;
      for (const listener of changes) listener();
    },
    async edit(changes) {
      settings.look = { ...settings.look, ...changes };
      for (const listener of edits) listener();
      link.settle(settings.look.answers);
      await settle();
    },
    calls,
    close() {
      app.unmount();
      void link.close();
    },
  };
}

/** The other end of the view's questions: over a channel as between threads, but in this one, where handles can be watched. */
async function storeThread(
  store: Pick<TestStore, 'reader'> | undefined,
  known: Partial<Known> = {},
): Promise<() => StoreThread> {
  const questions = await loadMembers<Question<unknown, unknown>>('tui/questions');
  const clock = (): number => performance.now();
  const all = {
    zone: parseZone('UTC'),
    startOfWeek: 'monday' as const,
    bookOf: (db: Parameters<Known['bookOf']>[0]) => readPriceBook(db, {}),
    growth: createGrowthMemory(clock),
    ...settingsOf(known),
    members: await loadInsightMembers(),
    optimizers: await loadMembers<OptimizerModule>('optimizers'),
    platform: 'linux' as const,
    home: '/home/me',
    sessions: createSessionIndex(clock),
    ...known,
  };
  return () => {
    const { port1, port2 } = new MessageChannel();
    const source = { open: () => store?.reader(), identity: () => 'one' };
    answerQuestions(port2, { source, questions, known: all, clock: () => now });
    return { port: port1, onEnd: () => undefined, ended: async () => port1.close() };
  };
}

function settingsOf({ budget, metrics }: Partial<Known> = {}): Look['answers'] {
  const limits = { daily_usd: 0, weekly_usd: 0, monthly_usd: 0 };
  return {
    budget: budget ?? { ...limits, providers: {}, projects: {} },
    metrics: metrics ?? { live: ['cost_per_turn', 'token_velocity'], insights: [] },
  };
}

/** What tabs are given when a test does not care: no settings. */
export function givenFor(changes: Partial<Given> = {}): Given {
  return {
    home: '/home/me',
    settings: { file: undefined, lines: [], warnings: [] },
    applyPreset: async () => [],
    snooze: async () => undefined,
    ...changes,
  };
}

/** The widest line of a frame, in terminal columns. */
export function widest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => displayWidth(line)));
}
