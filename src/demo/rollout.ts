import type { Random } from './random.ts';

/** A made-up session of a second agent, with the usage limits of a plan. */
export interface Rollout {
  /** Below the agent's home, `/` between its parts. */
  readonly file: string;
  /** Whole lines. */
  readonly text: string;
  /** Of the last line, UTC ms. */
  readonly endMs: number;
}

export interface RolloutSetup {
  readonly random: Random;
  readonly cwd: string;
  readonly branch: string;
  readonly startMs: number;
  /** Nothing lies after it. */
  readonly endMs: number;
  readonly responses: number;
  /** Used of the five-hour window and of the week when it began, in percent. */
  readonly used: { readonly fiveHours: number; readonly week: number };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const window = 272_000;

/** Writes prompts, responses, tools and what the agent says of its limits. Every text is the word DEMO. */
export function createRollout(setup: RolloutSetup): Rollout {
  const { random, startMs } = setup;
  const thread = random.uuid();
  const rows: string[] = [];
  let now = startMs;
  const write = (type: string, payload: object): void => {
    rows.push(`${JSON.stringify({ timestamp: new Date(now).toISOString(), type, payload })}\n`);
  };
  const total = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, reasoning_output_tokens: 0 };
  let context = random.whole(11_000, 15_000);
  let cached = 0;
  const used = { ...setup.used };
  const fiveHoursEnd = Math.floor((startMs + random.whole(3, 4) * hour) / second);
  const weekEnd = Math.floor((startMs + random.whole(40, 90) * hour) / second);

  function respond(call: string | undefined): void {
    const output = random.whole(120, 1_400);
    const last = {
      input_tokens: context,
      cached_input_tokens: cached,
      output_tokens: output,
      reasoning_output_tokens: Math.floor(output * 0.4),
    };
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += last[name];
    used.fiveHours = Math.min(99, used.fiveHours + random.whole(4, 12) / 10);
    used.week = Math.min(99, used.week + 0.1);
    write('event_msg', {
      type: 'token_count',
      info: {
        total_token_usage: { ...total, total_tokens: total.input_tokens + total.output_tokens },
        last_token_usage: { ...last, total_tokens: last.input_tokens + output },
        model_context_window: window,
      },
      rate_limits: {
        limit_id: 'codex',
        primary: { used_percent: round(used.fiveHours), window_minutes: 300, resets_at: fiveHoursEnd },
        secondary: { used_percent: round(used.week), window_minutes: 10_080, resets_at: weekEnd },
        plan_type: 'plus',
      },
    });
    cached = Math.floor(context / 128) * 128;
    context += output;
    if (call === undefined) return;
    const tokens = random.whole(60, 4_000);
    context += tokens;
    write('response_item', { type: 'function_call_output', call_id: call, output: 'DEMO '.repeat(tokens / 64).trim() });
  }

  write('session_meta', {
    id: thread,
    timestamp: new Date(now).toISOString(),
    cwd: setup.cwd,
    cli_version: '0.118.0',
    source: 'cli',
    ...(setup.branch === '' ? {} : { git: { branch: setup.branch } }),
  });
  let left = 0;
  for (let done = 0; done < setup.responses; done++) {
    const wait = left === 0 ? random.whole(30 * second, 5 * minute) : random.whole(4 * second, 40 * second);
    if (now + wait > setup.endMs) break;
    now += wait;
    if (left === 0) {
      const id = random.uuid();
      left = random.whole(2, 9);
      write('event_msg', { type: 'task_started', turn_id: id, model_context_window: window });
      write('turn_context', { turn_id: id, cwd: setup.cwd, model: 'gpt-5.4', approval_policy: 'on-request' });
      write('event_msg', { type: 'user_message', message: 'DEMO' });
      context += random.whole(40, 900);
    }
    left--;
    const call = left === 0 ? undefined : `call_demo${random.id(20)}`;
    if (call !== undefined)
      write('response_item', { type: 'function_call', name: 'exec_command', arguments: '{"DEMO":1}', call_id: call });
    respond(call);
  }
  return { file: `sessions/${folderOf(startMs)}-${thread}.jsonl`, text: rows.join(''), endMs: now };
}

/** `2026/11/20/rollout-2026-11-20T15-00-00`, by the machine's clock as the agent does it. */
function folderOf(atMs: number): string {
  const date = new Date(atMs);
  const local = new Date(atMs - date.getTimezoneOffset() * minute).toISOString().slice(0, 19);
  return `${local.slice(0, 10).replaceAll('-', '/')}/rollout-${local.replaceAll(':', '-')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
