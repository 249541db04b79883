import type { AlertParams } from './payload.ts';

/** What a receiver wants besides the alert. */
export interface FormatSettings {
  /** PagerDuty's integration key. */
  readonly routingKey: string | undefined;
  /** The text of `format = "template"`. */
  readonly template: string | undefined;
}

/** What is sent: text and its type. */
export interface FormattedBody {
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How one kind of receiver wants to hear of an alert. The id is the file name. Pure. */
export interface FormatModule {
  /** Hosts that want it, when a webhook does not say. */
  readonly hosts?: readonly RegExp[];
  of(params: AlertParams, settings: FormatSettings): FormattedBody;
}

/** Identity; carries the types. */
export function defineFormat(format: FormatModule): FormatModule {
  return format;
}

/** The format for a webhook: what it says, else by its host, else our own. */
export function formatFor(
  formats: ReadonlyMap<string, FormatModule>,
  wanted: string | undefined,
  host: string,
): FormatModule {
  const byHost = [...formats.values()].find((format) => format.hosts?.some((pattern) => pattern.test(host)) === true);
  const found = wanted === undefined ? (byHost ?? formats.get('scopeon')) : formats.get(wanted);
  if (found === undefined) throw new TypeError(`no format ${wanted ?? 'scopeon'}`);
  return found;
}

export function jsonBody(value: unknown): FormattedBody {
  return { body: JSON.stringify(value), contentType: 'application/json' };
}

/** `⚠ The context is 82 % full.` with what the receiver was allowed to know behind it. */
export function sentence(params: AlertParams): string {
  const names = [params.project, params.provider, params.model, params.host].filter((name) => name !== undefined);
  return `${marks[params.severity] ?? '•'} ${params.message}${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
}

const marks: Readonly<Record<string, string>> = { critical: '🔴', warning: '🟠', info: '🔵' };

/** Cut to what a receiver takes, in characters. */
export function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** Fields worth a line of their own, in words. */
export function facts(params: AlertParams): readonly (readonly [name: string, value: string])[] {
  const known = [
    'type',
    'severity',
    'message',
    'id',
    'ts',
    'state',
    'provider',
    'model',
    'session_id',
    'project',
    'host',
  ];
  return Object.entries(params).flatMap(([name, value]) =>
    known.includes(name) || value === null || value === undefined ? [] : [[name.replaceAll('_', ' '), String(value)]],
  );
}
