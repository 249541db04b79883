import { Writable } from 'node:stream';
import { type CommandContext, type CommandModule, defineCommand } from '../command.ts';
import { ingestSettings } from '../data.ts';
import { ScopeonError } from '../errors.ts';
import { firstOffers, takeFirstStart } from '../first-start.ts';
import { loadMember } from '../members.ts';
import { wantsColour, zoneOf } from '../report-command.ts';
import type { StorePaths } from '../store/open.ts';
import { colourDepth } from '../tui/terminal-colours.ts';
import { hearsMouse } from '../tui/terminal-mouse.ts';

export default defineCommand({
  summary: 'live view of your sessions: what they cost, how full their context is',
  aliases: ['tui'],
  examples: [
    { line: 'scopeon start', shows: 'the live view; ? there lists the keys, q quits' },
    { line: 'scopeon start --once', shows: 'one page of text in its place, for scripts' },
    { line: 'scopeon start --plain', shows: 'what changes as sentences, for a screen reader' },
  ],
  options: (command) =>
    void command
      .option('--once', 'print one page and end')
      .option('--plain', 'sentences below one another for a screen reader; with --once: the page without colours')
      .option('--no-mouse', 'leave the mouse to the terminal')
      .option('--timezone <zone>', "time zone for days, such as Europe/Berlin (default: the system's)"),
  run: async (context, _args, options) => {
    const timezone = options.timezone as string | undefined; // as declared above
    const zone = zoneOf(timezone, context.env);
    const isPlain = options.plain === true;
    if (options.once === true || (isPlain ? context.stdout.isTTY !== true : !canShow(context))) {
      const env = isPlain ? { ...context.env, NO_COLOR: '1' } : context.env;
      return printPage({ ...context, env }, timezone);
    }
    const loaded = await context.config();
    const { config, paths } = loaded;
    const isDemo = context.env.SCOPEON_DEMO !== undefined;
    const [
      { runTui },
      { runPlain },
      { startCollector },
      { startTuiThread },
      { sessionWindow },
      { readPriceBook },
      { startBell },
      { openReader },
      { fileIdentity },
      { followView },
    ] = await Promise.all([
      import('../tui/run.tsx'),
      import('../tui/plain.ts'),
      import('../ingest/collector.ts'),
      import('../tui-thread.ts'),
      import('../report/build.ts'),
      import('../ingest/pricing.ts'),
      import('../bell.ts'),
      import('../store/open.ts'),
      import('../store-source.ts'),
      import('../view-settings.ts'),
    ]);
    const view = await followView(context, {
      isMouseAllowed: options.mouse !== false && hearsMouse(process.platform, process.versions.node),
    });
    const book = readPriceBook(undefined, config.pricing.overrides); // windows come with the program, not with the store
    const settings = await ingestSettings(context, loaded, 'start');
    const roots = new Map([...settings.providers].map(([id, provider]) => [id, provider.roots(settings.host)]));
    /** The view has the terminal: they are told when it gives it back. */
    const notices = new Set<string>();
    const collector = startCollector(
      {
        paths,
        enabled: config.providers.enabled,
        overrides: config.pricing.overrides,
        command: 'start',
        env: context.env,
        home: context.home,
        generic: settings.host.generic,
      },
      (sentence) => notices.add(sentence),
    );
    const store = { open: () => openReader(paths), identity: () => fileIdentity(paths.db) };
    let endBell: (() => void) | undefined;
    const followBell = (): void => {
      if (view.isBellWanted === (endBell !== undefined)) return;
      endBell?.();
      endBell = view.isBellWanted ? startBell({ store, out: context.stdout, now: context.now }) : undefined;
    };
    followBell();
    view.onChange(followBell);
    const startStore = () =>
      startTuiThread({
        paths,
        overrides: config.pricing.overrides,
        settings: view.look.answers,
        startOfWeek: 'monday',
        timezone,
        tz: context.env.TZ,
        home: context.home,
      });
    try {
      if (isPlain) {
        await runPlain({
          startStore,
          collector,
          zone,
          clock: context.now,
          out: context.stdout,
          signal: context.signal,
        });
        return 0;
      }
      await runTui({
        startStore,
        collector,
        settings: view,
        depth: colourDepth(context.env, wantsColour(context)),
        mark: isDemo ? 'demo data' : '',
        zone,
        windowOf: (session) => sessionWindow(session, () => book),
        given: { home: context.home, applyPreset: presetWriter(context), snooze: snoozer(context, paths) },
        welcome: isDemo || !takeFirstStart(paths.home) ? undefined : await firstOffers(context, loaded, roots),
        looked: [...roots.values()].flat(),
        clock: context.now,
        stdin: process.stdin,
        stdout: context.stdout,
        stderr: context.stderr,
        signal: context.signal,
      });
    } finally {
      view.end();
      endBell?.();
      await collector.stop();
      for (const sentence of notices) settings.notice(sentence);
    }
    return 0;
  },
});

/** What `scopeon optimize apply` does; what it would print stays off the screen. */
function presetWriter(context: CommandContext): (agent: string, preset: string) => Promise<readonly string[]> {
  return async (provider, preset) => {
    const optimize = await loadMember<CommandModule>('commands', 'optimize');
    let text = '';
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    }) as unknown as CommandContext['stdout']; // it is only written to
    await optimize.run({ ...context, stdout }, ['apply'], { provider, preset, json: true });
    const { applied }: { applied: readonly { readonly files_written: readonly string[] }[] } = JSON.parse(text);
    return applied.flatMap((each) => each.files_written);
  };
}

/** Keeps in the store which alerts are silent; it is opened for each, for whoever else writes to it must not wait. */
function snoozer(
  context: CommandContext,
  paths: StorePaths,
): (ids: readonly string[], until: number | undefined) => Promise<void> {
  return async (ids, until) => {
    const [{ openStore }, { snoozeAlerts }] = await Promise.all([
      import('../store/open.ts'),
      import('../store/snoozes.ts'),
    ]);
    const db = await openStore(paths, context.now(), () => undefined);
    try {
      snoozeAlerts(db, ids, until, context.now());
    } finally {
      db.close();
    }
  };
}

/** A live view needs a terminal on both sides that can place text. */
function canShow(context: CommandContext): boolean {
  return context.stdout.isTTY === true && process.stdin.isTTY === true && context.env.TERM !== 'dumb';
}

/** The status page; without data where scopeon looked, which is no failure of a first start. */
async function printPage(context: CommandContext, timezone: string | undefined): Promise<number> {
  const status = await loadMember<CommandModule>('commands', 'status');
  try {
    return (await status.run(context, [], timezone === undefined ? {} : { timezone })) ?? 0;
  } catch (error) {
    if (!(error instanceof ScopeonError) || error.code !== 'noData') throw error;
    context.stdout.write(`${error.message}\n${error.hint ?? ''}\n`);
    return 0;
  }
}
