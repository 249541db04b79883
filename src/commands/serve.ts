import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type CommandContext, defineCommand } from '../command.ts';
import { ingestSettings } from '../data.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { loadMembers, programRoot } from '../members.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { OptimizerModule } from '../optimizer.ts';
import type { Tier } from '../report/shown-model.ts';
import { zoneOf } from '../report-command.ts';
import type { RouteModule } from '../serve/route.ts';
import type { Secret } from '../serve/secret.ts';
import { fileIdentity } from '../store-source.ts';

const tiers: Readonly<Record<Tier, string>> = {
  0: 'health check only',
  1: 'sums',
  2: 'sessions and projects by name',
  3: 'tools and tasks',
};

export default defineCommand({
  summary: 'a read-only API, live streams and a dashboard in the browser, on this machine',
  examples: [
    { line: 'scopeon serve --open', shows: 'the dashboard in your browser, at http://localhost:7771' },
    { line: 'scopeon serve --tier 2', shows: 'with sessions and projects by name' },
    { line: 'scopeon serve --lan --secret-file ~/.scopeon/token', shows: 'for your other machines, with a token' },
    { line: 'curl -s localhost:7771/api/v1/stats', shows: 'the sums, from a script' },
  ],
  options: (command) =>
    void command
      .option('--port <number>', 'TCP port; 0 takes a free one', '7771')
      .option('--tier <0-3>', '0 health only, 1 sums, 2 also sessions and projects, 3 also tools and tasks', '1')
      .option('--lan', 'listen on the network too; from tier 1 on this needs a secret')
      .option('--secret <token>', 'token every request must bring; "-" reads it from standard input, "auto" makes one')
      .option('--secret-file <path>', 'the token from a file that only you can read')
      .option('--allow-host <name...>', 'further names this server is reached by')
      .option('--allow-origin <url...>', 'pages of other servers that may read it, such as http://localhost:3000')
      .option('--open', 'open the dashboard in the browser')
      .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)"),
  run: async (context, _args, options) => {
    const tier = tierOf(options.tier);
    const port = portOf(options.port);
    const lan = options.lan === true;
    const zone = zoneOf(options.timezone as string | undefined, context.env); // as declared above
    const secret = await secretOf(context, options);
    checkExposure(context, { tier, lan, secret });
    const loaded = await context.config();
    const { config, paths } = loaded;
    const settings = await ingestSettings(context, loaded, 'serve');
    const { keepHeapsSmall } = await import('../serve/small-heaps.ts');
    keepHeapsSmall();
    const [
      { serve },
      { startServeThread },
      { startCollector },
      { openReader },
      { readPriceBook },
      routes,
      signals,
      optimizers,
    ] = await Promise.all([
      import('../serve/run.ts'),
      import('../serve-thread.ts'),
      import('../ingest/collector.ts'),
      import('../store/open.ts'),
      import('../ingest/pricing.ts'),
      loadMembers<RouteModule>('serve/routes'),
      loadMembers<SignalModule>('metrics/signals'),
      loadMembers<OptimizerModule>('optimizers'),
    ]);
    const collector = startCollector(
      {
        paths,
        enabled: config.providers.enabled,
        overrides: config.pricing.overrides,
        command: 'serve',
        env: context.env,
        home: context.home,
        generic: settings.host.generic,
      },
      settings.notice,
    );
    const { bellSetting, startBell } = await import('../bell.ts');
    const endBell =
      context.stderr.isTTY === true
        ? startBell({
            wanted: await bellSetting(context),
            store: { open: () => openReader(paths), identity: () => fileIdentity(paths.db) },
            out: context.stderr,
            now: context.now,
          })
        : undefined;
    const write = (line: object): void => void context.stderr.write(`${JSON.stringify(line)}\n`);
    const version = versionOf();
    const onFault = (error: unknown, requestId: string): void =>
      write({
        time: new Date(context.now()).toISOString(),
        level: 'error',
        requestId,
        error: displaySafe(error instanceof Error ? (error.stack ?? error.message) : String(error), 4096),
      });
    try {
      const server = await serve({
        port,
        tier,
        lan,
        secret,
        allowHosts: (options.allowHost as string[] | undefined) ?? [], // as declared above, as is the next
        allowOrigins: (options.allowOrigin as string[] | undefined) ?? [],
        source: { open: () => openReader(paths), identity: () => fileIdentity(paths.db) },
        collector,
        routes,
        signals,
        optimizers,
        bookOf: (db) => readPriceBook(db, config.pricing.overrides),
        budget: config.budget,
        zone,
        startOfWeek: 'monday',
        version,
        isDemo: context.env.SCOPEON_DEMO !== undefined,
        home: context.home,
        assets: new URL('dashboard/', builtRoot()),
        now: context.now,
        log: (record) => write({ time: new Date(context.now()).toISOString(), level: 'info', ...record }),
        startThread: () =>
          startServeThread(
            {
              paths: { db: paths.db, backups: paths.backups },
              overrides: config.pricing.overrides,
              budget: config.budget,
              tier,
              timezone: options.timezone as string | undefined, // as declared
              tz: context.env.TZ,
              version,
              home: context.home,
            },
            onFault,
          ),
        onFault,
      });
      try {
        banner(context, { port: server.port, tier, lan, hasSecret: secret !== undefined, routes });
        if (options.open === true) openBrowser(`http://localhost:${server.port}/`);
        await new Promise<void>((resolve) => {
          if (context.signal.aborted) resolve();
          else context.signal.addEventListener('abort', () => resolve(), { once: true });
        });
      } finally {
        await server.close();
      }
    } finally {
      endBell?.();
      await collector.stop();
    }
    return undefined;
  },
});

function tierOf(value: unknown): Tier {
  if (value === '0' || value === '1' || value === '2' || value === '3') return Number(value) as Tier; // one of the four
  throw new ScopeonError('usage', `--tier must be 0, 1, 2 or 3, not "${String(value)}".`);
}

function portOf(value: unknown): number {
  const text = String(value);
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new ScopeonError('usage', `--port must be a number from 0 to 65535, not "${text}".`);
}

/** The token, from wherever it was given; an option goes before a file, a file before the environment. */
async function secretOf(
  context: CommandContext,
  options: Readonly<Record<string, unknown>>,
): Promise<Secret | undefined> {
  const { createSecret } = await import('../serve/secret.ts');
  const option = options.secret as string | undefined; // as declared, as is the file
  const file = options.secretFile as string | undefined;
  const fromEnvironment = takeFromEnvironment();
  process.title = 'scopeon serve'; // so that a list of processes does not show the token
  if (option === 'auto') {
    const token = randomBytes(32).toString('base64url');
    context.stderr.write(`Token (shown this once): ${token}\n`);
    return createSecret(token);
  }
  if (option === '-') return createSecret(readFileSync(0, 'utf8'));
  if (option !== undefined) return createSecret(option);
  return createSecret(file === undefined ? fromEnvironment : readSecretFile(file));
}

function takeFromEnvironment(): string {
  const value = process.env.SCOPEON_SECRET ?? '';
  delete process.env.SCOPEON_SECRET; // whatever this process starts does not get it
  return value;
}

function readSecretFile(path: string): string {
  try {
    const { mode } = statSync(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new ScopeonError('usage', `${path} can be read by others.`, { hint: `Run: chmod 600 ${path}` });
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ScopeonError) throw error;
    throw new ScopeonError('usage', `The secret file ${path} cannot be read.`, { cause: error });
  }
}

function checkExposure(
  context: CommandContext,
  { tier, lan, secret }: { readonly tier: Tier; readonly lan: boolean; readonly secret: Secret | undefined },
): void {
  if (lan && tier >= 1 && secret === undefined) {
    throw new ScopeonError(
      'usage',
      `LAN mode with tier ${tier} requires --secret <token> so metrics are not exposed to the whole network`,
    );
  }
  if (lan && secret !== undefined && secret.length < 8)
    throw new ScopeonError('usage', 'With --lan a secret needs at least 8 characters.', {
      hint: 'scopeon serve --lan --secret auto makes a good one.',
    });
  if (secret !== undefined && secret.length < 16)
    context.stderr.write('scopeon: The secret has fewer than 16 characters; --secret auto makes a good one.\n');
  if (!lan && tier >= 2 && secret === undefined)
    context.stderr.write(`scopeon: Tier ${tier} without a secret: every user of this machine can read it.\n`);
}

function banner(
  { stderr }: CommandContext,
  facts: {
    readonly port: number;
    readonly tier: Tier;
    readonly lan: boolean;
    readonly hasSecret: boolean;
    readonly routes: ReadonlyMap<string, RouteModule>;
  },
): void {
  const paths = [...facts.routes.values()]
    .filter((route) => (typeof route.tier === 'function' ? 1 : route.tier) <= facts.tier)
    .map((route) => route.path);
  const streams = facts.tier >= 1 ? ['/ws/v1/metrics', '/sse/v1/status'] : [];
  stderr.write(
    [
      `Dashboard   http://localhost:${facts.port}/`,
      `Listening   ${facts.lan ? 'on the network' : 'on this machine only'}`,
      `Tier        ${facts.tier}: ${tiers[facts.tier]}`,
      ...(facts.hasSecret ? ['Token       in the header x-scopeon-token; the dashboard asks for it'] : []),
      `Routes      ${['/health', ...paths, ...streams].join(' ')}`,
      'Ctrl-C ends it.',
      '',
    ].join('\n'),
  );
}

/** Best effort: where no browser can be opened the address stands above. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  if (command === undefined) return;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

function versionOf(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', programRoot), 'utf8'));
  return manifest.version;
}

/** The page is built; the sources have none. */
function builtRoot(): URL {
  return programRoot.pathname.endsWith('/src/') ? new URL('../dist/', programRoot) : programRoot;
}
