/** Why a run ended, as the shell sees it. One number per outcome a script may want to tell apart. */
export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  gate: 3,
  noData: 4,
  database: 10,
  noSpace: 11,
  locked: 12,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ErrorCode = Exclude<keyof typeof exitCode, 'ok'>;

/** Something the user can mend: what failed, with which value, and in `hint` the way out. Never quotes a log's content. */
export class ScopeonError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ScopeonError';
    this.code = code;
    this.hint = options.hint;
  }
}
