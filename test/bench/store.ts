import type { ToolCall } from '../../src/events.ts';
import { firstFill } from '../../src/ingest/first-fill.ts';
import { createPricer, loadPriceBook } from '../../src/ingest/pricing.ts';
import { createFileTable } from '../../src/store/files.ts';
import type { StorePaths } from '../../src/store/open.ts';
import { createWriter } from '../../src/store/writer.ts';
import { randomFrom } from '../helpers/random.ts';

export interface BenchStore {
  readonly turns: number;
  readonly sessions: number;
}

const models = ['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5-20251001', 'claude-opus-4-6', 'own-model'];
const tools = ['Read', 'Bash', 'Edit', 'Grep', 'mcp__tracker__search', 'Write'];
const projects = 40;
const days = 240;
const dayMs = 24 * 60 * 60 * 1000;
const turnsPerCommit = 4_096;

/**
 * A store as many months of much use would leave it, made by the very writer that logs go through: sessions of 10 to
 * `mostTurns` turns over 240 days up to `now`, an eighth of them subagents, in 40 projects, each with a tool in every second turn.
 */
export async function makeBenchStore(
  paths: StorePaths,
  wantedTurns: number,
  now: number,
  mostTurns = 600,
): Promise<BenchStore> {
  const random = randomFrom(1);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const sums = { turns: 0, sessions: 0 };
  await firstFill(paths, {
    signal: undefined,
    onWait: () => undefined,
    fill: async (db) => {
      const writer = createWriter(db, {
        price: createPricer(loadPriceBook(db, {}, now).book),
        findProject: (cwd) => ({ root: cwd, isRepository: true }),
        tagOf: () => undefined,
        fillsNew: true,
      });
      const files = createFileTable(db);
      let parent = '';
      while (sums.turns < wantedTurns) {
        const number = sums.sessions++;
        const isSubagent = number % 8 === 7;
        const turns = Math.min(wantedTurns - sums.turns, 10 + upTo(isSubagent ? 60 : mostTurns - 10));
        const session = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
        if (!isSubagent) parent = session;
        const path = `/srv/logs/${session}.jsonl`;
        writer.begin();
        const tracked = { provider: 'claude-code', path, dev: 1, ino: number + 1, mtimeMs: now, parserVersion: 1 };
        const { id } = files.insert(tracked, now);
        const source = { fileId: id, provider: 'claude-code', path, fallbackAt: now, latestAt: now + dayMs };
        writer.add(source, {
          kind: 'session',
          session,
          ...(isSubagent ? { parent, agentType: 'Explore' } : {}),
          cwd: `/srv/project-${number % projects}`,
          branch: number % 3 === 0 ? 'main' : `feature/${number % 97}`,
          version: '2.1.80',
          rank: 'own',
        });
        const ago = number === 0 ? 0 : upTo(days * dayMs); // one is live
        let at = now - ago - turns * 20_000;
        let context = 20_000;
        for (let turn = 0; turn < turns; turn++) {
          at += 5_000 + upTo(30_000);
          context = context > 180_000 ? 30_000 : context + upTo(1_500);
          const written = upTo(2_000);
          const output = 50 + upTo(900);
          writer.add(source, {
            kind: 'turn',
            key: `msg_${number}_${turn}`,
            session,
            at: Math.min(at, now),
            model: models[number % models.length] ?? '',
            usage: {
              uncachedInputTokens: upTo(50),
              cacheReadInputTokens: context,
              cacheCreation5mInputTokens: written,
              cacheCreation1hInputTokens: 0,
              outputTokens: output,
            },
            fast: false,
            webSearchRequests: 0,
            promptTokens: context + written,
            contextTokens: context + written + output,
            sidechain: false,
            rank: 'own',
            branch: 'main',
            quality: 'measured',
            tools: turn % 2 === 0 ? [] : [call(`toolu_${number}_${turn}`, at, tools[turn % tools.length] ?? '')],
          });
          sums.turns++;
          if (writer.pendingTurns >= turnsPerCommit) writer.commit([]);
        }
      }
      writer.commit([]);
      writer.finish();
    },
  });
  return sums;
}

function call(key: string, at: number, name: string): ToolCall {
  const [, mcpServer, mcpTool] = /^mcp__(\w+)__(\w+)$/.exec(name) ?? [];
  const type = mcpServer === undefined ? 'tool' : 'mcp';
  return { key, at, name, mcpServer, mcpTool, type, inputSizeBytes: 100 };
}
