import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomFrom } from './random.ts';

/** One response as it was made up, to compare with what is reported of it. */
export interface MadeTurn {
  readonly at: number;
  readonly session: string;
  readonly subagent: boolean;
  readonly model: string;
  readonly project: string;
  readonly branch: string;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly tools: number;
}

export interface MadeLogs {
  readonly turns: readonly MadeTurn[];
  /** When each prompt was typed. */
  readonly prompts: readonly number[];
  /** Content of each file by its path below the home directory. */
  readonly files: ReadonlyMap<string, string>;
}

const models = ['claude-sonnet-4-5-20250929', 'claude-opus-4-6', 'claude-haiku-4-5-20251001', 'nobody-lists-this-1'];
const projects = ['shop', 'api', 'infra/tools'];
const branches = ['main', 'feature/pay', ''];

/** Claude Code logs (as of 2.1.80) of sessions that begin at the given instants, the same for the same seed. */
export function makeLogs(options: {
  readonly starts: readonly number[];
  readonly turnsPerSession: number;
  readonly seed?: number;
  readonly stepMs?: number;
  readonly padding?: number;
}): MadeLogs {
  const random = randomFrom(options.seed ?? 1);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const turns: MadeTurn[] = [];
  const prompts: number[] = [];
  const files = new Map<string, string>();
  const filler = 'CANARY '.repeat(Math.ceil((options.padding ?? 60) / 7));
  let number = 0;
  options.starts.forEach((start, index) => {
    const session = `${String(index).padStart(8, '0')}-0000-4000-8000-00000000abcd`;
    const project = pick(projects);
    const branch = pick(branches);
    let at = start;
    for (const subagent of index % 3 === 0 ? [false, true] : [false]) {
      const lines: string[] = [];
      const envelope = {
        isSidechain: subagent,
        cwd: `/home/dev/${project}`,
        sessionId: session,
        version: '2.1.80',
        gitBranch: branch,
        ...(subagent ? { agentId: 'a1b2c3' } : {}),
      };
      for (let turn = 0; turn < options.turnsPerSession; turn++) {
        if (turn % 4 === 0) {
          at += upTo(options.stepMs ?? 20 * 60_000);
          lines.push(
            JSON.stringify({
              ...envelope,
              type: 'user',
              uuid: uuid(++number),
              timestamp: iso(at),
              message: { role: 'user', content: filler },
            }),
          );
          if (!subagent) prompts.push(at);
        }
        at += 1 + upTo(options.stepMs ?? 20 * 60_000);
        const made: MadeTurn = {
          at,
          session,
          subagent,
          model: pick(models),
          project,
          branch,
          input: upTo(2000),
          output: 1 + upTo(3000),
          cacheRead: upTo(90_000),
          write5m: upTo(4000),
          write1h: upTo(2000),
          tools: upTo(2),
        };
        turns.push(made);
        const id = `msg_01${String(++number).padStart(8, '0')}`;
        // The response grows over two rows, the second with its tool calls.
        for (const last of [false, true]) {
          const content =
            last && made.tools > 0
              ? [
                  {
                    type: 'tool_use',
                    id: `toolu_${id}`,
                    name: pick(['Bash', 'Read', 'mcp__linear__get_issue']),
                    input: { text: filler },
                  },
                ]
              : [{ type: 'text', text: filler }];
          const usage = {
            input_tokens: made.input,
            output_tokens: last ? made.output : 1,
            cache_read_input_tokens: made.cacheRead,
            cache_creation_input_tokens: made.write5m + made.write1h,
            cache_creation: { ephemeral_5m_input_tokens: made.write5m, ephemeral_1h_input_tokens: made.write1h },
          };
          lines.push(
            JSON.stringify({
              ...envelope,
              type: 'assistant',
              uuid: uuid(++number),
              requestId: `req_${id}`,
              timestamp: iso(at + (last ? 700 : 0)),
              message: { id, role: 'assistant', model: made.model, content, usage },
            }),
          );
        }
      }
      files.set(
        `.claude/projects/-home-dev-${project.replace('/', '-')}/${session}${subagent ? '/subagents/agent-a1b2c3' : ''}.jsonl`,
        `${lines.join('\n')}\n`,
      );
    }
  });
  return { turns, prompts, files };
}

export function writeLogs(home: string, logs: MadeLogs): void {
  for (const [path, text] of logs.files) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
}

/** Sums in the names of the report's JSON. */
export function sumsOf(turns: readonly MadeTurn[]) {
  const sum = (of: (turn: MadeTurn) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  return {
    turns: turns.length,
    input_tokens: sum((turn) => turn.input),
    output_tokens: sum((turn) => turn.output),
    cache_read_tokens: sum((turn) => turn.cacheRead),
    cache_write_5m_tokens: sum((turn) => turn.write5m),
    cache_write_1h_tokens: sum((turn) => turn.write1h),
    tool_calls: sum((turn) => turn.tools),
  };
}

function uuid(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-5ca1-4ab1-8e00-000000000000`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
