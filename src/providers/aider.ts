import { absolutePath, defineProvider, type Host, pathsOf } from '../provider.ts';
import { fields, type Picked } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { countOf, nanoUsdOf } from '../readers/values.ts';

/**
 * Aider's analytics log, which is written only where the user asked for it. Formats seen: October 2024 to April 2026.
 * One log serves all projects and all running aiders, and names neither.
 */
export default defineProvider({
  title: 'Aider',
  parserVersion: 2,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'unsupported',
    taskHistory: 'unsupported',
    interactionTokens: 'unsupported',
  },
  capabilityNotes: { interactionTokens: 'Its log tells the tokens of each message and no calls of tools.' },
  unrecorded:
    'Commit messages, summaries and cache warming by the weak model, aborted messages, and how much of a prompt came from the cache.',
  roots: (host) => {
    const { join } = pathsOf(host);
    const places = [
      host.env.AIDER_ANALYTICS_LOG,
      configuredLog(host.read(join(host.home, '.aider.conf.yml')) ?? ''),
      join(host.home, '.aider', 'analytics.jsonl'),
    ];
    return [...new Set(places.flatMap((place) => logAt(place, host)))];
  },
  accepts: () => false, // each place is a file
  read: (file, from) => readLog(file, from),
});

// ---- where ----------------------------------------------------------------------------------------------------------

/** A directory is no log, and all below it none of Aider's. */
function logAt(place: string | undefined, host: Host): readonly string[] {
  const path = absolutePath(host, place);
  return path === undefined || host.list(path).length > 0 ? [] : [path];
}

/** The `analytics-log:` of Aider's configuration where it is a plain or quoted text; of whatever else YAML can say, nothing. */
function configuredLog(yaml: string): string | undefined {
  let found: string | undefined;
  for (const line of yaml.split(/\r?\n/)) {
    const value = line.length > longestPath ? null : /^analytics-log[ \t]*:(?:[ \t]+(.*))?$/.exec(line);
    if (value !== null) found = scalarOf(value[1]?.trim() ?? '');
  }
  return found;
}

/** A longer line names no file. */
const longestPath = 4_096;

function scalarOf(text: string): string | undefined {
  const [, single, double] = /^(?:'((?:[^']|'')*)'|("(?:[^"\\]|\\.)*"))[ \t]*(?:#.*)?$/.exec(text) ?? [];
  if (single !== undefined) return single.replaceAll("''", "'");
  if (double !== undefined) return unescaped(double);
  const plain = text.replace(/(?:^|[ \t]+)#.*$/, '');
  return /^(?:~[/\\]|[/\\A-Za-z])/.test(plain) ? plain : undefined;
}

/** Double quotes in YAML allow JSON's escapes among others; with one of those others the place is not known. */
function unescaped(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

// ---- what is taken --------------------------------------------------------------------------------------------------

const plan = fields({
  event: 'text',
  time: 'number',
  properties: {
    main_model: 'text',
    edit_format: 'text',
    prompt_tokens: 'number',
    completion_tokens: 'number',
    cost: 'number',
    total_cost: 'number',
    aider_version: 'text',
  },
});

type Row = Picked<typeof plan>;
type Properties = NonNullable<Row['properties']>;

/** One process of Aider, as far as its events tell it apart from others in the same log. */
interface Run {
  readonly session: string;
  /** Rises from run to run. */
  readonly number: number;
  readonly startedAt: number | undefined;
  /** Its `launched` stands in the log. */
  readonly launched: boolean;
  exited: boolean;
  lastAt: number | undefined;
  /**
   * What the process says it has cost so far, in USD, after each of its last messages. `/lint` and the like send theirs
   * from a copy of the chat that is then dropped: the next sum goes on from one before.
   */
  totalsUsd: number[];
  /** Chat mode of its last message; undefined before the first. */
  mode: string | undefined;
  /** How it has edits written, as it said when it began or with its last message that told; undefined when it never did. */
  format: string | undefined;
}

interface Notes {
  /** The one that was heard of last stands last. */
  runs: Run[];
  /** Messages read last, by what they say, and how many were alike. */
  sends: { readonly said: string; count: number }[];
}

type Context = RecordContext<Notes>;

/** More are not open at once; nor do this many messages fit into one second. */
const mostKept = 64;
const mostTotals = 16;
/** `total_cost` is a sum of floating-point costs. */
const sameUsd = 1e-6;
const sameRunMs = 30 * 60 * 1000; // 30 minutes

const readLog = jsonLines({ plan, start: (): Notes => ({ runs: [], sends: [] }), restore: restoreNotes, parse });

function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return Array.isArray(notes?.runs) && Array.isArray(notes.sends) ? notes : undefined;
}

// ---- records --------------------------------------------------------------------------------------------------------

/** Events that hold nothing we take, besides `command_…`. Aborted messages among them bill nothing that is told. */
const silent = new Set([
  'message_send_starting',
  'message_send_exception',
  'repo',
  'no-repo',
  'auto_commits',
  'model warning',
  'ai-comments execute',
  'ai-comments file-add',
  'interactive help',
  'copy-paste mode',
]);

function parse(row: Row, context: Context): void {
  const { runs } = context.state;
  const at = row.time !== undefined && Number.isFinite(row.time) ? Math.round(row.time * 1000) : undefined;
  switch (row.event) {
    case 'launched':
      openRun(context.state, at, true);
      return;
    case 'exit': {
      // It does not say whose. A wrong guess is mended by the next message of that process, for its costs add up.
      const last = runs.findLast((run) => !run.exited);
      if (last !== undefined) last.exited = true;
      return;
    }
    case 'cli session':
    case 'gui session': {
      const begun = runs.at(-1); // it follows its `launched` at once
      if (begun?.launched === true && begun.mode === undefined) begun.format ??= row.properties?.edit_format;
      return;
    }
    case 'message_send':
      return takeSend(row.properties, at, context);
    default:
      if (row.event === undefined || !(silent.has(row.event) || row.event.startsWith('command_')))
        context.unknownType();
  }
}

function takeSend(said: Properties | undefined, at: number | undefined, context: Context): void {
  if (said?.prompt_tokens === undefined && said?.completion_tokens === undefined) return;
  const bad = context.badCounts;
  const prompt = countOf(said.prompt_tokens, context);
  const output = countOf(said.completion_tokens, context);
  const cost = moneyOf(said.cost, context);
  const run = runOf(context.state, said, cost ?? 0, moneyOf(said.total_cost, context) ?? 0, at);
  // Aider turns a missing name into text.
  const model = said.main_model === undefined || said.main_model === 'None' ? 'unknown' : said.main_model;
  const key = keyOf(said, at, context);
  tellRun(run, said, key, at, context);
  context.emitTurn({
    kind: 'turn',
    key,
    session: run.session,
    at,
    model,
    usage: {
      // Neither the cache's share nor the reasoning's is told.
      uncachedInputTokens: prompt,
      cacheReadInputTokens: 0,
      cacheCreation5mInputTokens: 0,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
    },
    fast: false,
    // 0 is what Aider says of a model it has no price for.
    costNanoUsd: cost === 0 && prompt + output > 0 ? undefined : nanoUsdOf(cost),
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + output,
    sidechain: isEditorStep(said),
    rank: 'own',
    suspect: context.badCounts > bad,
    quality: 'logged',
    tools: [],
  });
}

/** Dollars; undefined when they are absent or no price. */
function moneyOf(usd: number | undefined, context: Context): number | undefined {
  if (usd === undefined || nanoUsdOf(usd) !== undefined) return usd;
  context.bad();
  return undefined;
}

/** An editor carries out what the architect answered, in a chat of its own. */
function isEditorStep(said: Properties): boolean {
  return said.edit_format?.startsWith('editor-') === true;
}

/**
 * A message has no id and its time is in whole seconds, so two may be alike. What it says and how many alike came before
 * it is the same whenever, and from wherever, the log is read again.
 */
function keyOf(said: Properties, at: number | undefined, context: Context): string {
  if (at === undefined) return `${context.file.scope}:${context.offset}`;
  const { sends } = context.state;
  const text = JSON.stringify([at, ...Object.values(said)]);
  let send = sends.find((each) => each.said === text);
  if (send === undefined) {
    sends.push((send = { said: text, count: 0 }));
    if (sends.length > mostKept) sends.shift();
  }
  return `${text}:${send.count++}`;
}

// ---- runs -----------------------------------------------------------------------------------------------------------

/** Which process sent a message that cost so much and brought its sum to so much. */
function runOf(notes: Notes, said: Properties, costUsd: number, totalUsd: number, at: number | undefined): Run {
  const before = totalUsd - costUsd;
  const isBefore = (usd: number): boolean => Math.abs(usd - before) <= sameUsd;
  const run =
    before > sameUsd
      ? (notes.runs.findLast((each) => isBefore(totalOf(each))) ??
        notes.runs.findLast((each) => each.totalsUsd.some(isBefore)))
      : firstOf(notes, editFormatOf(said), totalUsd, at);
  const found = run ?? openRun(notes, at, false);
  notes.runs.push(...notes.runs.splice(notes.runs.indexOf(found), 1));
  found.exited = false;
  found.totalsUsd.push(totalUsd);
  if (found.totalsUsd.length > mostTotals) found.totalsUsd.shift();
  found.lastAt = at ?? found.lastAt;
  return found;
}

function totalOf(run: Run): number {
  return run.totalsUsd.at(-1) ?? 0;
}

/**
 * A process whose sum is still zero: costs do not tell them apart. Nor does an `exit` say whose it was, so the one launched
 * last, though it is thought to have ended, is the sender where it has edits written in this way and none that is open has.
 */
function firstOf(notes: Notes, format: string | undefined, totalUsd: number, at: number | undefined): Run | undefined {
  const isOpen = (run: Run): boolean =>
    run.launched ? !run.exited : Math.abs((at ?? 0) - (run.lastAt ?? 0)) <= sameRunMs;
  const writesSo = (run: Run): boolean => format !== undefined && run.format === format;
  const blank = notes.runs.filter((run) => totalOf(run) <= sameUsd);
  const open = blank.filter(isOpen);
  const latest = notes.runs.reduce<Run | undefined>(
    (a, b) => (b.launched && b.number > (a?.number ?? 0) ? b : a),
    undefined,
  );
  if (latest !== undefined && blank.includes(latest) && writesSo(latest) && !open.some(writesSo)) return latest;
  return totalUsd > sameUsd ? open.at(-1) : (open.findLast((run) => run.launched) ?? open.at(-1));
}

/** How edits are to be written, where a message tells: a chat mode or an editor's step says nothing of it. */
function editFormatOf(said: Properties): string | undefined {
  return isEditorStep(said) || chatModes.has(said.edit_format ?? '') ? undefined : said.edit_format;
}

/** What `edit_format` holds instead of a format where the chat is in that mode. */
const chatModes = new Set(['ask', 'architect', 'context', 'help']);

/** Named by the second it was first heard of, so that a log read anew, or moved, gives the same names. */
function openRun(notes: Notes, at: number | undefined, launched: boolean): Run {
  const name = `aider-${Math.floor((at ?? 0) / 1000)}`;
  let session = name;
  for (let n = 2; notes.runs.some((run) => run.session === session); n++) session = `${name}-${n}`;
  const run: Run = {
    session,
    number: 1 + Math.max(0, ...notes.runs.map((each) => each.number)),
    startedAt: at,
    launched,
    exited: false,
    lastAt: at,
    totalsUsd: [],
    mode: undefined,
    format: undefined,
  };
  notes.runs.push(run);
  if (notes.runs.length > mostKept) notes.runs.shift();
  return run;
}

/** Tells of the session with its first message, and of each change of chat mode after it. */
function tellRun(run: Run, said: Properties, key: string, at: number | undefined, context: Context): void {
  if (run.mode === undefined)
    context.emit({
      kind: 'session',
      session: run.session,
      version: said.aider_version,
      rank: 'own',
      at: run.startedAt,
    });
  if (isEditorStep(said)) {
    run.mode ??= 'architect';
    return;
  }
  const format = said.edit_format ?? '';
  const mode = chatModes.has(format) ? format : 'code';
  run.format = editFormatOf(said) ?? run.format;
  if (run.mode !== undefined && run.mode !== mode)
    context.emit({
      kind: 'activity',
      key: `mode:${key}`,
      session: run.session,
      at,
      type: 'mode_change',
      phase: 'changed',
      name: mode,
    });
  run.mode = mode;
}
