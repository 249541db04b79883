import type { Notification } from './engine.ts';

/** What of an alert may leave the process, as the original named it. Names only where they were asked for. */
export interface AlertParams {
  readonly type: string;
  readonly severity: string;
  readonly message: string;
  /** The same for every telling of one alert. */
  readonly id: string;
  /** RFC 3339. */
  readonly ts: string;
  readonly state: 'firing' | 'resolved';
  readonly provider?: string;
  /** Only when the price list that comes with us names it. */
  readonly model?: string;
  readonly session_id?: string;
  readonly project?: string;
  readonly host?: string;
  readonly [field: string]: number | string | boolean | null | undefined;
}

/** The JSON-RPC notification an MCP client is sent, and the body of a webhook in our own format. */
export interface AlertMessage {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/scopeon/alert';
  readonly params: AlertParams;
}

export interface Names {
  readonly session_id?: string | undefined;
  readonly project?: string | undefined;
  readonly host?: string | undefined;
}

export function alertParams(
  notification: Notification,
  isPublicModel: (model: string) => boolean,
  names: Names = {},
): AlertParams {
  const { type, severity, message, fields, uid, at, isResolved, provider, model } = notification;
  return {
    type,
    severity,
    message,
    ...fields,
    id: uid,
    ts: new Date(at).toISOString(),
    state: isResolved ? 'resolved' : 'firing',
    ...(provider === undefined ? {} : { provider }),
    ...(model !== undefined && isPublicModel(model) ? { model } : {}),
    ...(names.session_id === undefined ? {} : { session_id: names.session_id }),
    ...(names.project === undefined ? {} : { project: names.project }),
    ...(names.host === undefined ? {} : { host: names.host }),
  };
}

export function alertMessage(params: AlertParams): AlertMessage {
  return { jsonrpc: '2.0', method: 'notifications/scopeon/alert', params };
}
