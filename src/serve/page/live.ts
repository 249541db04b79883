import { headers, token } from './api.ts';

/** How news come in. */
export type Way = 'live' | 'stream' | 'polling' | 'disconnected';

export interface Snapshot {
  readonly version: string;
  readonly data: {
    readonly context_pressure: {
      readonly model?: string;
      readonly context_window?: number;
      readonly fill_pct?: number;
      readonly tokens_remaining?: number;
      readonly predicted_turns_remaining?: number | null;
      readonly pressure_level?: string;
      readonly session_id?: string;
      readonly project_name?: string;
    };
    readonly budget_status: {
      readonly daily_spent: number;
      readonly daily_limit: number;
      readonly weekly_spent: number;
      readonly weekly_limit: number;
      readonly monthly_spent: number;
      readonly monthly_limit: number;
      readonly over_budget: boolean;
    };
    readonly token_usage: {
      readonly total_sessions: number;
      readonly total_turns: number;
      readonly total_input_tokens: number;
      readonly total_output_tokens: number;
      readonly total_cache_read_tokens: number;
      readonly total_cache_write_tokens: number;
      readonly total_thinking_tokens: number;
      readonly estimated_cost_usd: number;
      readonly unpriced_turns: number;
    };
    readonly cache_efficiency: { readonly cache_hit_rate: number; readonly cache_savings_usd: number };
    readonly history_30d: readonly { readonly date: string; readonly estimated_cost_usd: number }[];
  };
}

export interface Listener {
  snapshot(snapshot: Snapshot): void;
  /** Something changed, without saying what. */
  changed(): void;
  alert(alert: { readonly alert_type: string; readonly severity?: string; readonly message?: string }): void;
  way(way: Way): void;
}

const retryMs = 3_000;
const pollMs = 10_000;
/** A server tells of itself every half minute: after so long without a word the connection is dead, whatever it looks like. */
const silentMs = 45_000;

/**
 * News by WebSocket; where that does not come up (a proxy, an old browser), by an event stream; else by asking now and then.
 * Ends when `stop` is aborted.
 */
export async function follow(listener: Listener, stop: AbortSignal): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    const opened = await bySocket(listener, stop);
    if (stop.aborted) return;
    failures = opened ? 0 : failures + 1;
    if (failures >= 2 && (await byStream(listener, stop))) failures = 0;
    else if (failures >= 2) {
      listener.way('polling');
      listener.changed();
      await sleep(pollMs - retryMs, stop);
    } else listener.way('disconnected');
    await sleep(retryMs, stop);
  }
}

/** Resolves when the connection is over: whether it had ever been up. */
function bySocket(listener: Listener, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const own = token();
    const protocols = own === undefined ? ['scopeon.v1'] : ['scopeon.v1', `scopeon.token.${base64url(own)}`];
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws/v1/metrics`, protocols);
    let opened = false;
    const end = (): void => {
      clearTimeout(silence);
      stop.removeEventListener('abort', end);
      socket.onclose = null;
      socket.close(); // to a server that is gone this may take minutes: nobody waits for it
      resolve(opened);
    };
    let silence = setTimeout(end, silentMs);
    stop.addEventListener('abort', end, { once: true });
    socket.onopen = () => {
      opened = true;
      listener.way('live');
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(silence);
      silence = setTimeout(end, silentMs);
      take(listener, String(data));
    };
    socket.onclose = end;
  });
}

function take(listener: Listener, text: string): void {
  const frame = JSON.parse(text);
  if (frame.type === 'snapshot') listener.snapshot(frame);
  if (frame.type === 'alert') listener.alert(frame);
}

/** By `fetch`, which can send the token in a header; an EventSource cannot. */
async function byStream(listener: Listener, stop: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const end = (): void => over.abort();
  stop.addEventListener('abort', end, { once: true });
  let silence = setTimeout(end, silentMs);
  let opened = false;
  try {
    const response = await fetch('/sse/v1/status', { headers: headers(), signal: over.signal });
    if (!response.ok || response.body === null) return false;
    opened = true;
    listener.way('stream');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      clearTimeout(silence);
      silence = setTimeout(end, silentMs);
      const events = (rest + value).split('\n\n');
      rest = events.pop() ?? '';
      if (events.some((event) => event.includes('\ndata:') || event.startsWith('data:'))) listener.changed();
    }
  } catch {
    return opened;
  } finally {
    clearTimeout(silence);
    stop.removeEventListener('abort', end);
  }
}

function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
