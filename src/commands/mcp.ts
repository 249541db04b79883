import { fileURLToPath } from 'node:url';
import { type CommandContext, defineCommand } from '../command.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import type { Client } from '../mcp/current.ts';
import type { ProtocolServer } from '../mcp/protocol.ts';

export default defineCommand({
  summary: 'an MCP server on standard input and output: an agent sees its own usage',
  examples: [
    { line: 'scopeon init', shows: 'registers it with Claude Code; --client names others' },
    { line: 'scopeon mcp --tools core', shows: 'what a client starts: the eight most useful tools' },
  ],
  options: (command) =>
    void command
      .option('--tools <which>', 'core or all', 'all')
      .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)"),
  run: async (context, _args, options) => {
    if (options.tools !== 'core' && options.tools !== 'all')
      throw new ScopeonError('usage', `--tools must be core or all, not "${displaySafe(String(options.tools), 64)}".`);
    const coreOnly = options.tools === 'core';
    const zone = options.timezone as string | undefined; // as declared above
    // What answers `initialize`, and no more: a client waits for it.
    const [{ createStdioTransport }, { BackendUnavailable, createProtocolServer }] = await Promise.all([
      import('../mcp/transport.ts'),
      import('../mcp/protocol.ts'),
    ]);
    const transport = createStdioTransport(process.stdin, context.stdout);
    let roots: readonly string[] = [];
    let running: ReturnType<typeof start> | undefined;
    let told = '';
    const client = (): Client => ({
      sessionId: context.env.CLAUDE_CODE_SESSION_ID,
      folders: [...roots, context.env.CLAUDE_PROJECT_DIR, process.cwd()].filter((folder) => folder !== undefined),
      name: server.clientName(),
    });
    const askRoots = async (): Promise<void> => {
      roots = (await server.roots()).flatMap(folderOf);
    };
    /** What fails is told to the user, not to the agent, and tried again at the next request: a file may be mended by then. */
    const backend = async (): Promise<Awaited<ReturnType<typeof start>>> => {
      const starting = (running ??= start(context, { coreOnly, zone, server, client }));
      try {
        return await starting;
      } catch (error) {
        if (running === starting) {
          running = undefined;
          const trouble = error instanceof Error ? error.message : String(error);
          if (trouble !== told) context.stderr.write(`scopeon: ${displaySafe(trouble, 512)}\n`);
          told = trouble;
        }
        throw new BackendUnavailable();
      }
    };
    const server = createProtocolServer({
      version: context.version,
      backend,
      onInitialized: () => {
        void askRoots();
        backend().catch(() => undefined); // told already
      },
      onRootsChanged: () => void askRoots(),
    });
    await server.connect(transport);
    await Promise.race([
      transport.ended,
      new Promise<void>((resolve) => {
        if (context.signal.aborted) resolve();
        else context.signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    ]);
    await transport.close();
    const started = await running?.catch(() => undefined);
    await started?.close();
    return undefined;
  },
});

/** Everything behind the protocol: config, tools, the store, and the reading of logs. */
async function start(
  context: CommandContext,
  options: {
    readonly coreOnly: boolean;
    readonly zone: string | undefined;
    readonly server: ProtocolServer;
    readonly client: () => Client;
  },
) {
  const loaded = await context.config();
  const { config, paths } = loaded;
  const [
    { runBackend },
    { startCollector },
    { openReader, openStore },
    { readPriceBook },
    { loadInsightMembers },
    { loadMembers },
    { zoneOf },
    { setTags },
    { ingestSettings },
    { fileIdentity },
  ] = await Promise.all([
    import('../mcp/run.ts'),
    import('../ingest/collector.ts'),
    import('../store/open.ts'),
    import('../ingest/pricing.ts'),
    import('../insight-members.ts'),
    import('../members.ts'),
    import('../report-command.ts'),
    import('../store/tags.ts'),
    import('../data.ts'),
    import('../store-source.ts'),
  ]);
  const [members, tools, optimizers, settings] = await Promise.all([
    loadInsightMembers(),
    loadMembers<import('../mcp/tool.ts').ToolModule>('mcp/tools'),
    loadMembers<import('../optimizer.ts').OptimizerModule>('optimizers'),
    ingestSettings(context, loaded, 'mcp'),
  ]);
  const zone = zoneOf(options.zone, context.env);
  const collector = startCollector(
    {
      paths,
      enabled: config.providers.enabled,
      overrides: config.pricing.overrides,
      command: 'mcp',
      env: context.env,
      home: context.home,
      generic: settings.host.generic,
    },
    settings.notice,
  );
  const backend = runBackend({
    source: { open: () => openReader(paths), identity: () => fileIdentity(paths.db) },
    collector,
    server: options.server,
    tools,
    coreOnly: options.coreOnly,
    members,
    optimizers,
    home: context.home,
    bookOf: (db) => readPriceBook(db, config.pricing.overrides),
    budget: config.budget,
    zone,
    startOfWeek: 'monday',
    version: context.version,
    client: options.client,
    now: context.now,
    setTags: async (sessionRowId, tags) => {
      const db = await openStore(paths, context.now(), () => undefined);
      try {
        setTags(db, sessionRowId, tags);
      } finally {
        db.close();
      }
    },
    onTrouble: (sentence) => void context.stderr.write(`scopeon: ${displaySafe(sentence, 512)}\n`),
  });
  return {
    ...backend,
    async close() {
      backend.close();
      await collector.stop(1_500);
    },
  };
}

function folderOf(uri: string): readonly string[] {
  try {
    return uri.startsWith('file:') ? [fileURLToPath(uri).replace(/(?<=[^\\/:])[\\/]+$/, '')] : [];
  } catch {
    return []; // another machine's
  }
}
