import { createHash } from 'node:crypto';
import type { Severity } from '../metrics/signal.ts';

/** The text itself, or where it is found at the time of sending. */
type Referenced = string | { readonly env: string } | { readonly file: string };

/** One `[[alerts.webhooks]]` of the settings. */
export interface WebhookSettings {
  readonly url?: string | undefined;
  readonly url_env?: string | undefined;
  readonly url_file?: string | undefined;
  readonly format?: string | undefined;
  readonly template?: string | undefined;
  readonly events: readonly string[];
  readonly min_severity: Severity;
  readonly projects: readonly string[];
  readonly providers: readonly string[];
  readonly quiet_hours?: string | undefined;
  readonly include: readonly ('session_id' | 'project' | 'host')[];
  readonly allow_private: boolean;
  readonly secret?: Referenced | readonly Referenced[] | undefined;
  readonly headers: Readonly<Record<string, Referenced>>;
  readonly routing_key?: Referenced | undefined;
}

/** What a webhook may know of the machine. */
export interface WebhookHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, without the newline at its end; undefined when it cannot be read. `~` is the home. */
  readonly read: (path: string) => string | undefined;
}

/** A webhook whose address is known. */
export interface Webhook {
  readonly settings: WebhookSettings;
  readonly url: URL;
  /** Tells it apart: the first 12 hex digits of its address' SHA-256. */
  readonly key: string;
  /** For people: the path of a chat webhook is its secret, so only a hash of it is shown. */
  readonly shown: string;
  readonly secrets: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly routingKey: string | undefined;
}

/** Undefined, with a word why, for one that cannot be used now. */
export function resolveWebhook(settings: WebhookSettings, host: WebhookHost): Webhook | { readonly trouble: string } {
  const address = settings.url ?? fromEnv(settings.url_env, host) ?? fromFile(settings.url_file, host);
  if (address === undefined || address.trim() === '') return { trouble: 'its address is not there' };
  if (!URL.canParse(address.trim())) return { trouble: 'its address is not a URL' };
  const url = new URL(address.trim());
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { trouble: 'only http and https are sent to' };
  const secrets = listOf(settings.secret).map((each) => textOf(each, host));
  if (secrets.includes(undefined)) return { trouble: 'its secret is not there' };
  const headers = Object.entries(settings.headers).map(([name, value]) => [name, textOf(value, host)] as const);
  if (headers.some(([, value]) => value === undefined)) return { trouble: 'the value of a header is not there' };
  const digest = createHash('sha256').update(url.href).digest('hex');
  return {
    settings,
    url,
    key: digest.slice(0, 12),
    shown: `${url.protocol}//${url.host}/#${digest.slice(0, 6)}`,
    secrets: secrets.filter((each) => each !== undefined),
    headers: Object.fromEntries(headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    routingKey: settings.routing_key === undefined ? undefined : textOf(settings.routing_key, host),
  };
}

/** Should this webhook hear of it? */
export function wants(
  { settings }: Pick<Webhook, 'settings'>,
  alert: {
    readonly type: string;
    readonly severity: string;
    readonly provider: string | undefined;
    readonly project: string | undefined;
  },
): boolean {
  const { events, min_severity, providers, projects } = settings;
  // The regular status is no alert: only whoever names it gets it.
  if (alert.type === 'ambient_status' ? !events.includes('ambient_status') : !matchesAny(events, alert.type))
    return false;
  if (rank(alert.severity) < rank(min_severity)) return false;
  if (providers.length > 0 && (alert.provider === undefined || !providers.includes(alert.provider))) return false;
  return projects.length === 0 || (alert.project !== undefined && projects.includes(alert.project));
}

/** Until when it is quiet there, as minutes from now; 0: it is not. `wallMinutes`: local minutes since midnight. */
export function quietMinutes(hours: string | undefined, wallMinutes: number): number {
  const [, fromHour, fromMinute, toHour, toMinute] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(hours ?? '') ?? [];
  if (fromHour === undefined) return 0;
  const day = 24 * 60;
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const length = (Number(toHour) * 60 + Number(toMinute) - from + day) % day;
  const into = (wallMinutes - from + day) % day;
  return into < length ? length - into : 0;
}

function matchesAny(globs: readonly string[], type: string): boolean {
  return globs.length === 0 || globs.some((glob) => matches(glob, type));
}

/** `*` any letters, `?` any letter; step by step, so that no pattern can take long. */
function matches(glob: string, text: string): boolean {
  let [g, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (glob[g] === '*') {
      star = g++;
      mark = t;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === text[t])) {
      g++;
      t++;
    } else if (star >= 0) {
      g = star + 1;
      t = ++mark;
    } else return false;
  }
  while (glob[g] === '*') g++;
  return g === glob.length;
}

function rank(severity: string): number {
  return severity === 'critical' ? 2 : severity === 'warning' ? 1 : 0;
}

function listOf(value: WebhookSettings['secret']): readonly Referenced[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Referenced]; // the one or the other, as the settings say
}

function textOf(value: Referenced, host: WebhookHost): string | undefined {
  if (typeof value === 'string') return value;
  return 'env' in value ? fromEnv(value.env, host) : fromFile(value.file, host);
}

function fromEnv(name: string | undefined, { env }: WebhookHost): string | undefined {
  return name === undefined ? undefined : env[name];
}

function fromFile(path: string | undefined, { read }: WebhookHost): string | undefined {
  return path === undefined ? undefined : read(path);
}
