import { hostname } from 'node:os';
import { type Alerter, createAlerter } from './alerts/alerter.ts';
import { createDeliverer } from './alerts/deliver.ts';
import { type Shown, showOnDesktop } from './alerts/desktop.ts';
import type { Notification } from './alerts/engine.ts';
import type { FormatModule } from './alerts/format.ts';
import { createHeartbeat } from './alerts/heartbeat.ts';
import { enqueue } from './alerts/outgoing.ts';
import { alertParams } from './alerts/payload.ts';
import type { AlertRule } from './alerts/rule.ts';
import { resolveWebhook, type Webhook, type WebhookHost } from './alerts/webhook.ts';
import type { LoadedConfig } from './config.ts';
import { followConfig } from './followed-config.ts';
import { readPriceBook } from './ingest/pricing.ts';
import { loadMembers } from './members.ts';
import { systemZone } from './metrics/calendar.ts';
import { builtInPrices } from './metrics/price-snapshot.ts';
import { createPriceBook, type PriceBook } from './metrics/prices.ts';
import type { SignalModule } from './metrics/signal.ts';
import type { Database } from './store/driver.ts';
import { systemZoneName } from './system-zone.ts';
import { createWebhookHost } from './webhook-host.ts';

/** What the collector's thread knows of the machine. */
export interface CollectorThread {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly notice: (sentence: string) => void;
}

/** Raising alerts from the thread that ingests, by the settings as they stand: an edited file counts within seconds, at the next look. */
export interface CollectorAlerts {
  /** Raises what holds and sends what is due. Must be called while no transaction is open. True: something was told. */
  readonly look: (db: Database, hasChanged: boolean) => boolean;
  /** Nothing is on its way. */
  readonly isIdle: boolean;
  /** Waits for what is on its way, two seconds at most, and writes down what became of it. */
  settle(db: Database): Promise<void>;
}

const configLookMs = 5_000;
/** How often the box is asked for what is due while nothing is put into it here: what waits to be tried again can wait a little longer. */
const boxLookMs = 5_000;
/** More at once than this are told of by their number: nobody reads a pile. */
const mostShown = 5;
/** How long what is on its way is waited for at the end. */
const lastMs = 2_000;

export async function createCollectorAlerts({ env, home, notice }: CollectorThread): Promise<CollectorAlerts> {
  const [rules, signals, formats] = await Promise.all([
    loadMembers<AlertRule>('alerts/rules'),
    loadMembers<SignalModule>('metrics/signals'),
    loadMembers<FormatModule>('alerts/formats'),
  ]);
  const settings = await followConfig({ env, home, notice });
  const host = hostname();
  const webhookHost = createWebhookHost({ env, home });
  let resolved: { readonly loaded: LoadedConfig; readonly webhooks: ReadonlyMap<string, Webhook> } | undefined;
  /** Addresses and secrets that stand elsewhere are looked up when the settings change. */
  const webhooks = (): ReadonlyMap<string, Webhook> => {
    const { loaded } = settings;
    if (resolved?.loaded !== loaded) resolved = { loaded, webhooks: resolveAll(loaded, webhookHost, notice) };
    return resolved.webhooks;
  };
  const zone = systemZone(systemZoneName(env.TZ));
  const deliverer = createDeliverer({
    webhooks,
    formats,
    now: Date.now,
    wallMinutes: () => Math.floor(((Date.now() + zone.offsetMs(Date.now())) / 60_000) % (24 * 60)),
    random: Math.random,
  });
  const publicBook = createPriceBook(builtInPrices);
  const isPublicModel = (model: string): boolean =>
    publicBook.candidates(model).some((row) => row.source !== 'local model');
  const clock = (): number => performance.now();
  const startOfWeek = 'monday';
  const beat = createHeartbeat({ signals, zone, startOfWeek, isPublicModel, host, now: Date.now, clock });
  let alerter:
    | { readonly db: Database; readonly loaded: LoadedConfig; readonly book: PriceBook; readonly alerter: Alerter }
    | undefined;

  /** Told in the transaction at hand, shown when it is done. */
  let toShow: Notification[] = [];
  let hasTold = false;
  let boxLookedAt = Number.NEGATIVE_INFINITY;
  const showing = new Set<Promise<void>>();
  let desktopTrouble = '';
  const note = (shown: Shown): void => {
    const trouble = 'trouble' in shown ? shown.trouble : '';
    if (trouble !== '' && trouble !== desktopTrouble) notice(`Alerts cannot be shown on the desktop: ${trouble}.`);
    desktopTrouble = trouble;
  };
  const showAll = (): void => {
    const alerts = toShow.slice(0, mostShown).map((notification) => alertParams(notification, isPublicModel));
    const rest = toShow.length - alerts.length;
    const last = alerts.at(-1);
    if (rest > 0 && last !== undefined)
      alerts.push({ ...last, message: `${rest} more alerts: scopeon alerts lists them.` });
    for (const params of alerts) {
      const shown: Promise<void> = showOnDesktop(params, { env, platform: process.platform })
        .then(note)
        .finally(() => showing.delete(shown));
      showing.add(shown);
    }
  };
  let settingsLookedAt = clock();
  /** No timer of its own: a process that wakes for nothing else is what costs while nothing happens. */
  const followSettings = (): void => {
    if (clock() - settingsLookedAt < configLookMs) return;
    settingsLookedAt = clock();
    void settings.look();
  };

  return {
    look(db, hasChanged) {
      followSettings();
      const { loaded } = settings;
      if (alerter?.db !== db || alerter.loaded !== loaded) {
        const { config } = loaded;
        const book = readPriceBook(db, config.pricing.overrides);
        alerter = {
          db,
          loaded,
          book,
          alerter: createAlerter({
            db,
            rules,
            signals,
            book,
            zone,
            startOfWeek,
            budget: config.budget,
            settings: config.alerts,
            now: Date.now,
            clock,
            tell: (store, notification) => {
              hasTold = true;
              enqueue(store, notification, { webhooks: webhooks(), isPublicModel, host });
              if (config.alerts.desktop) toShow.push(notification);
            },
          }),
        };
      }
      toShow = [];
      hasTold = false;
      alerter.alerter.look(hasChanged);
      showAll();
      const hasBeaten = beat(db, webhooks(), alerter.book);
      if (hasTold || hasBeaten || !deliverer.isIdle || clock() - boxLookedAt >= boxLookMs) {
        boxLookedAt = clock();
        deliverer.step(db);
      }
      return hasTold;
    },
    get isIdle() {
      return deliverer.isIdle && showing.size === 0;
    },
    async settle(db) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, lastMs).unref());
      await Promise.all([deliverer.settle(lastMs), Promise.race([Promise.all(showing), late])]);
      deliverer.conclude(db);
    },
  };
}

function resolveAll(
  { config }: LoadedConfig,
  host: WebhookHost,
  notice: (sentence: string) => void,
): ReadonlyMap<string, Webhook> {
  const found = new Map<string, Webhook>();
  config.alerts.webhooks.forEach((settings, index) => {
    const webhook = resolveWebhook(settings, host);
    if ('trouble' in webhook) notice(`alerts.webhooks[${index}] is not used: ${webhook.trouble}.`);
    else found.set(webhook.key, webhook);
  });
  return found;
}
