import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from '../helpers/random.ts';

/** What was written: to check that what was measured is right, too. */
export interface BenchLogs {
  readonly files: readonly string[];
  readonly bytes: number;
  readonly turns: number;
  readonly outputTokens: number;
}

const models = ['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5-20251001'];
const tools = ['Read', 'Bash', 'Edit', 'Grep', 'mcp__tracker__search', 'Write'];
const text = 'const total = rows.reduce((sum, row) => sum + row.size, 0); // "quoted" \\ and\n\tindented\n'.repeat(400);
const firstAt = Date.UTC(2026, 0, 5);

/** Session logs of Claude Code's shape, always the same for the same size: responses in two or three lines, tool results of up to 30 KB. */
export function writeBenchLogs(directory: string, wantedBytes: number): BenchLogs {
  const random = randomFrom(1);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const files: string[] = [];
  const sums = { bytes: 0, turns: 0, outputTokens: 0 };
  while (sums.bytes < wantedBytes) {
    const project = join(directory, 'projects', `-work-project-${files.length % 9}`);
    mkdirSync(project, { recursive: true });
    const session = `00000000-0000-4000-8000-${String(files.length).padStart(12, '0')}`;
    const lines: string[] = [];
    let at = firstAt + files.length * 47 * 60_000;
    const line = (row: object): void => {
      at += 500 + upTo(9_000);
      const common = {
        isSidechain: false,
        cwd: `/srv/project-${files.length % 9}`,
        sessionId: session,
        version: '2.1.40',
        gitBranch: 'main',
        uuid: `${session}-${lines.length}`,
        timestamp: new Date(at).toISOString(),
      };
      lines.push(JSON.stringify({ ...common, ...row }));
    };
    for (let turn = 0, turns = 10 + upTo(60); turn < turns; turn++) {
      if (turn % 8 === 0) line({ type: 'user', message: { role: 'user', content: text.slice(0, upTo(600)) } });
      const tool = { type: 'tool_use', id: `toolu_${files.length}_${turn}`, name: tools[upTo(tools.length)] };
      const blocks = [
        { type: 'thinking', thinking: text.slice(0, upTo(900)) },
        { type: 'text', text: text.slice(0, upTo(500)) },
        { ...tool, input: { path: `/srv/${turn}`, text: text.slice(0, upTo(1_500)) } },
      ].slice(upTo(2));
      const usage = {
        input_tokens: upTo(900),
        cache_creation_input_tokens: upTo(4_000),
        cache_read_input_tokens: 20_000 + upTo(90_000),
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 0,
        service_tier: 'standard',
      };
      blocks.forEach((block) => {
        usage.output_tokens += upTo(400);
        const id = `msg_${files.length}_${turn}`;
        const message = { id, model: models[files.length % models.length], role: 'assistant', type: 'message' };
        line({ type: 'assistant', requestId: `req_${turn}`, message: { ...message, content: [block], usage } });
      });
      sums.turns++;
      sums.outputTokens += usage.output_tokens;
      const result = { type: 'tool_result', tool_use_id: tool.id, content: text.slice(0, upTo(15_000)) };
      line({ type: 'user', message: { role: 'user', content: [result] }, toolUseResult: { stdout: result.content } });
    }
    const path = join(project, `${session}.jsonl`);
    const content = `${lines.join('\n')}\n`;
    writeFileSync(path, content);
    files.push(path);
    sums.bytes += Buffer.byteLength(content);
  }
  return { files, ...sums };
}
