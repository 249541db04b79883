/** An answer that is an error, by the server's own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const kept = 'scopeon-token';

/** The token lives as long as this tab, and goes out in a header alone. */
export function token(): string | undefined {
  return sessionStorage.getItem(kept) ?? undefined;
}

export function keepToken(text: string): void {
  sessionStorage.setItem(kept, text);
}

export function forgetToken(): void {
  sessionStorage.removeItem(kept);
}

export function headers(): Record<string, string> {
  const own = token();
  return own === undefined ? {} : { 'x-scopeon-token': own };
}

/** @throws ApiError, or TypeError when there is no connection */
export async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path, { headers: headers(), cache: 'no-store' });
  const body: unknown = await response.json();
  if (response.ok) return body as Answer; // the server's own schema types it
  const { error, code } = body as { error?: string; code?: string };
  throw new ApiError(response.status, code ?? '', error ?? response.statusText);
}
