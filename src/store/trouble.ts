import { ScopeonError } from '../errors.ts';

/** Does this error, or what caused it, say that a database file is damaged? */
export function isCorruption(error: unknown): boolean {
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown }; // anything can be thrown
  if (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code)) return true;
  if (typeof message === 'string' && message.startsWith('malformed database schema')) return true;
  return cause instanceof Error && isCorruption(cause);
}

/** Or is it reason enough to look through the file? A store of ours has what we ask for, unless its schema is not what was written. */
export function mayBeDamaged(error: unknown): boolean {
  const { message, cause } = error as { message?: unknown; cause?: unknown }; // anything can be thrown
  if (isCorruption(error) || (typeof message === 'string' && /^no such (column|table): /.test(message))) return true;
  return cause instanceof Error && mayBeDamaged(cause);
}

/** Does another program hold the database? */
export function isBusy(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: unknown }; // anything can be thrown
  if (typeof code === 'string' && /^SQLITE_(BUSY|PROTOCOL)/.test(code)) return true;
  return cause instanceof Error && isBusy(cause);
}

/** Besides "full": what a limit on file sizes, a quota or a full device under the side files looks like. */
const noRoom = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EFBIG', 'EDQUOT']);

/** Turns what the driver or the system threw into the error the user can act on. */
export function describe(error: unknown, path: string): Error {
  if (error instanceof ScopeonError) return error;
  const code = String((error as { code?: unknown }).code ?? '');
  const text = error instanceof Error ? error.message : String(error);
  if (noRoom.has(code)) {
    return new ScopeonError('noSpace', `No space left: ${path}. Nothing was lost; run again when there is room.`, {
      cause: error,
    });
  }
  if (isBusy(error))
    return new ScopeonError('locked', 'Another program holds the database.', {
      hint: 'Run it again when that one has ended.',
      cause: error,
    });
  if (isCorruption(error)) {
    return new ScopeonError('database', `The database at ${path} is damaged.`, {
      hint: 'Run scopeon status: it keeps the damaged file and rebuilds from a backup and the logs.',
      cause: error,
    });
  }
  if (code.startsWith('SQLITE') || code.startsWith('E')) {
    return new ScopeonError('database', `Cannot open the database at ${path}: ${text}.`, {
      hint: 'Set SCOPEON_DB to a file in a folder you may write to.',
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(text);
}
