import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  billing,
  type DemoModel,
  type DemoProject,
  everyModel,
  everyProject,
  models,
  storefront,
  storefrontSearch,
} from './cast.ts';
import { type Conversation, createConversation, type Line } from './conversation.ts';
import { createRandom } from './random.ts';
import { createRollout } from './rollout.ts';

/** A home directory with nothing real in it, and the logs an agent would have left there. */
export interface World {
  readonly home: string;
  /** What CLAUDE_CONFIG_DIR is to be. */
  readonly claude: string;
  /** Sessions of this hour; the first are the busiest. */
  readonly live: readonly Conversation[];
}

const minute = 60_000;
const hour = 60 * minute;
const days = 60;
/** Between the responses of a live session. */
const pace = [40_000, 25_000, 70_000, 30_000, 55_000, 20_000, 110_000];

/**
 * Writes some two months of made-up sessions below `home`, up to `now`. The same moment and time zone give the same
 * bytes but for the paths in them. `home` must exist; nothing outside it is touched.
 */
export function createWorld(home: string, now: number): World {
  const world = { home, claude: join(home, '.claude') };
  for (const project of everyProject) createProject(home, project);
  const lines: Line[] = [];
  for (let back = days - 1; back >= 0; back--) lines.push(...pastDay(home, now, back));
  const live = liveSessions(home, now);
  for (const { session, startMs, endMs } of live) {
    for (let atMs = startMs, step = 0; atMs <= endMs; atMs += pace[step++ % pace.length] ?? minute)
      lines.push(...session.step(atMs));
  }
  writeLines(world.claude, lines);
  writeRollouts(home, now);
  return { ...world, live: live.map(({ session }) => session) };
}

/** Carries one live session on by a response, now. */
export function continueWorld(world: World, turn: number, now: number): void {
  const session = world.live[turn % world.live.length];
  if (session === undefined) return;
  for (const line of session.step(now)) {
    const path = join(world.claude, 'projects', line.file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, `${line.text}\n`, { mode: 0o600 });
  }
}

/** What can be told of a repository without git: its `.git`, by which a worktree finds home. */
function createProject(home: string, { folder, kind, of, branches }: DemoProject): void {
  const root = join(home, 'code', folder);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  if (kind === 'plain') return;
  const git = kind === 'worktree' ? join(home, 'code', of ?? folder, '.git', 'worktrees', folder) : join(root, '.git');
  mkdirSync(git, { recursive: true, mode: 0o700 });
  writeFileSync(join(git, 'HEAD'), `ref: refs/heads/${branches[0]}\n`, { mode: 0o600 });
  if (kind === 'worktree') writeFileSync(join(root, '.git'), `gitdir: ${git}\n`, { mode: 0o600 });
}

/** The sessions of one day, `back` days ago; of today only what was over two hours ago. */
function pastDay(home: string, now: number, back: number): readonly Line[] {
  const random = createRandom(0x5c0be0 + back);
  const date = new Date(now);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() - back);
  const weekend = date.getDay() === 0 || date.getDay() === 6;
  const sessions = weekend ? random.whole(0, 1) : random.whole(1, 4);
  const lines: Line[] = [];
  for (let each = 0; each < sessions; each++) {
    const startMs = date.getTime() + random.whole(8 * 60, 19 * 60) * minute + random.whole(0, 59_999);
    const responses = random.chance(0.1) ? random.whole(80, 170) : random.whole(3, 34);
    const project = random.weighted(everyProject);
    const model = random.weighted(everyModel);
    const session = createConversation({
      random: createRandom(random.whole(0, 0x7fffffff)),
      cwd: join(home, 'code', project.folder),
      branch: random.pick(project.branches),
      model,
      fast: model === models.opus && random.chance(0.12),
      cache: random.chance(0.6) ? '1h' : '5m',
      startMs,
    });
    lines.push(...runUntil(session, now - 2 * hour, responses));
    if (each === 0 && back % 9 === 1) lines.push(...session.refuse(session.clock() + random.whole(20, 160) * minute));
  }
  return lines;
}

/** What is going on right now: one session at work, one in a worktree with its window nearly full, one waiting. */
function liveSessions(home: string, now: number) {
  const session = (
    project: DemoProject,
    seed: number,
    model: DemoModel,
    minutes: readonly [from: number, to: number],
    grown = 0,
  ) => {
    const [startMs, endMs] = [now - minutes[0] * minute, now - minutes[1] * minute];
    const branch = project.branches[project.branches.length - 1] ?? '';
    const cwd = join(home, 'code', project.folder);
    const setup = { random: createRandom(seed), cwd, branch, model, fast: false, cache: '1h', startMs, grown } as const;
    return { session: createConversation(setup), startMs, endMs };
  };
  return [
    session(storefront, 11, models.opus, [95, 0.3]),
    session(storefrontSearch, 23, models.sonnetBefore, [21, 1], 88_000),
    session(billing, 37, models.sonnet, [40, 7]),
  ];
}

/** Lets a session go on until its clock reaches `endMs` or it has answered that often. Nothing lies after `endMs`. */
function runUntil(session: Conversation, endMs: number, responses: number): readonly Line[] {
  const lines: Line[] = [];
  for (let done = 0; done < responses && session.clock() < endMs; done++) {
    const step = session.step();
    if (step.some((line) => line.at > endMs)) break;
    lines.push(...step);
  }
  return lines;
}

/** A second agent, used now and then: its last session was just now, half through its five hours. */
function writeRollouts(home: string, now: number): void {
  const random = createRandom(0x0c0de7);
  const sessions = [{ startMs: now - 70 * minute, endMs: now - 4 * minute, responses: 60, fiveHours: 24, week: 38 }];
  for (let back = 3; back < 45; back += random.whole(2, 6)) {
    const startMs = now - back * 24 * hour - random.whole(0, 5 * 60) * minute;
    const endMs = startMs + 3 * hour;
    sessions.push({ startMs, endMs, responses: random.whole(6, 50), fiveHours: 2, week: random.whole(2, 60) });
  }
  for (const { fiveHours, week, ...span } of sessions) {
    const project = random.pick(everyProject);
    const cwd = join(home, 'code', project.folder);
    const branch = random.pick(project.branches);
    const { file, text, endMs } = createRollout({ random, cwd, branch, used: { fiveHours, week }, ...span });
    const path = join(home, '.codex', file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
    utimesSync(path, endMs / 1000, endMs / 1000);
  }
}

function writeLines(claude: string, lines: readonly Line[]): void {
  const files = new Map<string, Line[]>();
  for (const line of lines) {
    const file = files.get(line.file);
    if (file === undefined) files.set(line.file, [line]);
    else file.push(line);
  }
  for (const [file, content] of files) {
    const path = join(claude, 'projects', file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content.map((line) => `${line.text}\n`).join(''), { mode: 0o600 });
    const lastAt = Math.max(...content.map((line) => line.at)) / 1000;
    utimesSync(path, lastAt, lastAt);
  }
}
