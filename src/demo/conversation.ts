import { agentTypes, type DemoModel, type DemoTool, models, tools } from './cast.ts';
import type { Random } from './random.ts';

/** One line of a log. */
export interface Line {
  /** Below the agent's `projects` folder, `/` between its parts. */
  readonly file: string;
  readonly at: number;
  readonly text: string;
}

export interface ConversationSetup {
  readonly random: Random;
  readonly cwd: string;
  readonly branch: string;
  readonly model: DemoModel;
  readonly fast: boolean;
  /** How long its cache is kept. */
  readonly cache: '5m' | '1h';
  readonly startMs: number;
  /** Tokens the conversation has grown to before its first line, besides what every one begins with. */
  readonly grown?: number;
}

/** A made-up session that is carried on response by response. Every text in it is the word DEMO. */
export interface Conversation {
  /** When its next line is due. */
  readonly clock: () => number;
  /**
   * The next response with all that belongs to it, in the order of writing: the prompt it answers, tool calls and
   * results, what a subagent did, a compaction. With `atMs` everything happens at that instant.
   */
  step(atMs?: number): readonly Line[];
  /** A refused request: the plan's limit is reached until `resetsAtMs`. */
  refuse(resetsAtMs: number): readonly Line[];
}

const second = 1000;
const minute = 60 * second;

export function createConversation(setup: ConversationSetup): Conversation {
  const { random } = setup;
  const session = random.uuid();
  const folder = setup.cwd.replace(/[^A-Za-z0-9]/g, '-');
  const state = { now: setup.startMs, frozen: false, lines: [] as Line[], responsesLeft: 0 };
  const main = createChain(`${folder}/${session}.jsonl`, setup.model, setup.grown ?? 0);

  /** A run of requests that share a context: the main one, or a subagent's. */
  function createChain(file: string, model: DemoModel, grown: number, agentId?: string) {
    const fixed = random.whole(13_000, 19_000); // instructions and tools, cached across sessions
    return {
      file,
      model,
      agentId,
      fixed,
      context: fixed + grown,
      cached: 0,
      requestedAt: 0,
      parent: null as string | null,
    };
  }
  type Chain = ReturnType<typeof createChain>;

  function wait(low: number, high: number): void {
    const ms = random.whole(low, high);
    if (!state.frozen) state.now += ms;
  }

  function write(chain: Chain, row: object): void {
    const uuid = random.uuid();
    const text = JSON.stringify({
      parentUuid: chain.parent,
      isSidechain: chain.agentId !== undefined,
      ...(chain.agentId === undefined ? {} : { agentId: chain.agentId }),
      userType: 'external',
      cwd: setup.cwd,
      sessionId: session,
      version: '2.1.222',
      gitBranch: setup.branch,
      ...row,
      uuid,
      timestamp: new Date(state.now).toISOString(),
    });
    chain.parent = uuid;
    state.lines.push({ file: chain.file, at: state.now, text });
  }

  function usageOf(chain: Chain, outputTokens: number): object {
    const fresh = chain.model.gateway ? chain.context : Math.min(chain.context, random.whole(2, 12));
    const kept = state.now - chain.requestedAt <= (setup.cache === '1h' ? 60 : 5) * minute ? chain.cached : chain.fixed;
    const read = chain.model.gateway ? 0 : Math.min(kept, chain.context - fresh);
    const written = chain.context - fresh - read;
    const longer = setup.cache === '1h' && chain.agentId === undefined ? written : 0;
    chain.cached = chain.model.gateway ? 0 : chain.context - fresh;
    return {
      input_tokens: fresh,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: read,
      cache_creation: { ephemeral_5m_input_tokens: written - longer, ephemeral_1h_input_tokens: longer },
      output_tokens: outputTokens,
      ...(chain.model.tellsReasoning
        ? { output_tokens_details: { thinking_tokens: Math.floor(outputTokens * 0.3) } }
        : {}),
      service_tier: 'standard',
      speed: setup.fast && chain.agentId === undefined ? 'fast' : 'standard',
    };
  }

  /** One response: a row per content block, as the agent writes it, then its tools' results. */
  function respond(chain: Chain, last: boolean): void {
    wait(3 * second, 35 * second);
    const calls = last ? [] : chooseCalls(chain);
    const outputTokens = random.whole(60, last ? 1_600 : 900) + (random.chance(0.08) ? random.whole(1_500, 6_000) : 0);
    const usage = usageOf(chain, outputTokens);
    chain.requestedAt = state.now;
    const common = {
      id: chain.model.gateway ? `chatcmpl-${random.id(24)}` : `msg_demo${random.id(20)}`,
      type: 'message',
      role: 'assistant',
      model: chain.model.name,
    };
    const requestId = chain.model.gateway ? {} : { requestId: `req_demo${random.id(20)}` };
    const blocks = [{ type: 'text', text: 'DEMO' }, ...calls.map((call) => call.block)];
    const unfinished = chain.model.tellsReasoning ? { output_tokens_details: { thinking_tokens: 0 } } : {};
    for (const [index, block] of blocks.entries()) {
      const final = index === blocks.length - 1;
      const stop_reason = final ? (last ? 'end_turn' : 'tool_use') : null;
      const shown = final ? usage : { ...usage, output_tokens: Math.min(outputTokens, 8 + index), ...unfinished };
      write(chain, {
        type: 'assistant',
        ...requestId,
        message: { ...common, content: [block], stop_reason, usage: shown },
      });
    }
    chain.context += outputTokens;
    for (const call of calls) call.answer();
  }

  function chooseCalls(chain: Chain) {
    if (chain.agentId === undefined && !chain.model.gateway && random.chance(0.045)) return [agentCall(chain)];
    return Array.from({ length: random.chance(0.15) ? 2 : 1 }, () => toolCall(chain, random.weighted(tools)));
  }

  function toolCall(chain: Chain, tool: DemoTool) {
    const id = `toolu_demo${random.id(20)}`;
    const input = tool.targets === undefined ? { DEMO: random.whole(1, 40) } : { skill: random.pick(tool.targets) };
    return {
      block: { type: 'tool_use', id, name: tool.name, input },
      answer: () => {
        wait(300, 9 * second);
        const tokens = random.whole(...tool.result);
        chain.context += tokens;
        const content = 'DEMO '.repeat(Math.ceil(tokens / 64)).trim();
        writeResult(chain, { tool_use_id: id, type: 'tool_result', content, is_error: random.chance(0.04) }, {});
      },
    };
  }

  function writeResult(chain: Chain, block: object, more: object): void {
    write(chain, { type: 'user', message: { role: 'user', content: [block] }, ...more });
  }

  /** A subagent works in a file of its own while the session waits. */
  function agentCall(chain: Chain) {
    const id = `toolu_demo${random.id(20)}`;
    const agentType = random.pick(agentTypes);
    return {
      block: {
        type: 'tool_use',
        id,
        name: 'Agent',
        input: { description: 'DEMO', prompt: 'DEMO', subagent_type: agentType },
      },
      answer: () => {
        const agentId = `a${random.uuid().replaceAll('-', '').slice(0, 16)}`;
        const began = state.now;
        const model = agentType === 'Explore' ? models.haiku : chain.model;
        const child = createChain(childFile(agentId), model, 0, agentId);
        const meta = { agentType, description: 'DEMO' };
        state.lines.push({
          file: child.file.replace(/jsonl$/, 'meta.json'),
          at: state.now,
          text: JSON.stringify(meta),
        });
        child.context += random.whole(200, 900);
        write(child, { type: 'user', message: { role: 'user', content: 'DEMO' } });
        const responses = random.whole(3, state.frozen ? 4 : 10);
        for (let left = responses; left > 0; left--) respond(child, left === 1);
        const result = {
          status: 'completed',
          agentId,
          agentType,
          resolvedModel: model.name,
          totalDurationMs: state.now - began,
          totalToolUseCount: responses - 1,
        };
        chain.context += random.whole(300, 1_800);
        const block = { tool_use_id: id, type: 'tool_result', content: [{ type: 'text', text: 'DEMO' }] };
        writeResult(chain, block, { toolUseResult: result });
      },
    };
  }

  function childFile(agentId: string): string {
    return `${folder}/${session}/subagents/agent-${agentId}.jsonl`;
  }

  /** The request that writes the summary is billed like any other, in a file of its own. */
  function compact(): void {
    const agentId = `acompact-${random.id(6).toLowerCase()}`;
    const child = createChain(childFile(agentId), main.model, 0, agentId);
    Object.assign(child, { context: main.context, cached: main.cached, requestedAt: main.requestedAt });
    const preTokens = main.context;
    respond(child, true);
    const postTokens = random.whole(9_000, 24_000);
    main.context = main.fixed + postTokens;
    main.cached = main.fixed;
    const compactMetadata = { trigger: 'auto', preTokens, postTokens };
    write(main, {
      type: 'system',
      subtype: 'compact_boundary',
      content: 'DEMO',
      isMeta: false,
      level: 'info',
      compactMetadata,
    });
    write(main, { type: 'user', isCompactSummary: true, message: { role: 'user', content: 'DEMO' } });
  }

  function ask(): void {
    if (main.requestedAt !== 0) wait(20 * second, random.chance(0.1) ? 80 * minute : 7 * minute);
    main.context += random.whole(40, 1_200);
    write(main, { type: 'user', message: { role: 'user', content: 'DEMO' } });
    if (random.chance(0.3)) writeHook('UserPromptSubmit');
    state.responsesLeft = random.whole(2, 11);
  }

  function writeHook(hookEvent: string): void {
    const exitCode = random.chance(0.05) ? 2 : 0;
    const attachment = {
      type: 'hook_success',
      hookEvent,
      hookName: hookEvent,
      exitCode,
      durationMs: random.whole(20, 900),
    };
    write(main, { type: 'attachment', attachment });
  }

  function end(): void {
    write(main, { type: 'system', subtype: 'turn_duration', durationMs: random.whole(9_000, 400_000) });
    if (random.chance(0.3)) {
      const hookInfos = [{ command: 'DEMO', durationMs: random.whole(30, 2_000) }];
      write(main, {
        type: 'system',
        subtype: 'stop_hook_summary',
        hookCount: 1,
        hookInfos,
        preventedContinuation: false,
      });
    }
  }

  function take(): readonly Line[] {
    return state.lines.splice(0);
  }

  return {
    clock: () => state.now,
    step(atMs) {
      state.frozen = atMs !== undefined;
      state.now = atMs ?? state.now;
      if (state.responsesLeft === 0) ask();
      if (main.context > setup.model.compactAt) compact();
      state.responsesLeft--;
      respond(main, state.responsesLeft === 0);
      if (state.responsesLeft === 0) end();
      return take();
    },
    refuse(resetsAtMs) {
      const text = `DEMO 5-hour limit reached|${Math.floor(resetsAtMs / 1000)}`;
      const usage = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 };
      const content = [{ type: 'text', text }];
      const message = { id: random.uuid(), type: 'message', role: 'assistant', model: '<synthetic>', content, usage };
      write(main, { type: 'assistant', isApiErrorMessage: true, error: 'rate_limit', message });
      return take();
    },
  };
}
