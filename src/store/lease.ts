import { readFileSync } from 'node:fs';
import type { Database } from './driver.ts';

const heartbeatMs = 5_000;
const staleMs = 15_000;

/** Who may ingest: one process at a time, known by pid, boot and start time, so that a reused pid is not mistaken for it. */
export interface LeaseHolder {
  readonly pid: number;
  readonly command: string;
  readonly heartbeatAt: number;
}

export interface ProcessIdentity {
  readonly pid: number;
  readonly bootId: string;
  readonly processStart: string;
}

/**
 * Takes the lease, also from a holder that is gone or silent. Undefined: taken, by us now; else who holds it.
 * `unclean` tells that a holder had vanished without giving it back.
 */
export function takeLease(
  db: Database,
  me: ProcessIdentity,
  command: string,
  now: number,
): { holder: LeaseHolder } | { unclean: boolean } {
  return db
    .transaction(() => {
      const row = db.prepare<[], LeaseRow>('SELECT * FROM lease WHERE id = 1').get();
      if (row !== undefined && !isMine(row, me) && isAlive(row, now)) {
        return { holder: { pid: row.pid, command: row.command, heartbeatAt: row.heartbeat_at } };
      }
      db.prepare(
        `INSERT OR REPLACE INTO lease (id, pid, boot_id, process_start, command, taken_at, heartbeat_at) VALUES (1, ?, ?, ?, ?, ?, ?)`,
      ).run(me.pid, me.bootId, me.processStart, command, now, now);
      return { unclean: row !== undefined && !isMine(row, me) };
    })
    .immediate();
}

/** Gives what says "still here", again and again. False: somebody took over, stop ingesting. */
export function createRenewal(db: Database, me: ProcessIdentity): (now: number) => boolean {
  const renew = db.prepare('UPDATE lease SET heartbeat_at = ? WHERE pid = ? AND boot_id = ? AND process_start = ?');
  return (now) => renew.run(now, me.pid, me.bootId, me.processStart).changes === 1;
}

/** Gives the lease back if we have it. Where that cannot be written (no room, locked), it ends with the process. */
export function releaseLease(db: Database, me: ProcessIdentity): void {
  try {
    db.prepare('DELETE FROM lease WHERE pid = ? AND boot_id = ? AND process_start = ?').run(
      me.pid,
      me.bootId,
      me.processStart,
    );
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('SQLITE_')) throw error;
  }
}

/** Who ingests right now, if anybody. For readers. */
export function currentHolder(db: Database, now: number): LeaseHolder | undefined {
  const row = db.prepare<[], LeaseRow>('SELECT * FROM lease WHERE id = 1').get();
  if (row === undefined || !isAlive(row, now)) return undefined;
  return { pid: row.pid, command: row.command, heartbeatAt: row.heartbeat_at };
}

/** Whoever took it last and did not give it back, alive or not. */
export function lastHolder(db: Database): Pick<LeaseHolder, 'pid' | 'command'> | undefined {
  return db.prepare<[], LeaseRow>('SELECT * FROM lease WHERE id = 1').get();
}

export const leaseHeartbeatMs = heartbeatMs;

interface LeaseRow {
  readonly pid: number;
  readonly boot_id: string;
  readonly process_start: string;
  readonly command: string;
  readonly heartbeat_at: number;
}

function isMine(row: LeaseRow, me: ProcessIdentity): boolean {
  return row.pid === me.pid && row.boot_id === me.bootId && row.process_start === me.processStart;
}

/**
 * Alive: same boot, a process of that pid and start time exists, and it has been heard of lately. A heartbeat from the
 * future (the clock was set back) counts as fresh only while the process exists.
 */
function isAlive(row: LeaseRow, now: number): boolean {
  const who = { pid: row.pid, bootId: row.boot_id, processStart: row.process_start };
  return isProcessAlive(who) && Math.abs(now - row.heartbeat_at) < staleMs;
}

/** Is there still a process of this pid that was started at this time since this boot? */
export function isProcessAlive(who: ProcessIdentity): boolean {
  if (who.bootId !== '' && who.bootId !== bootId()) return false;
  const start = processStart(who.pid);
  return start !== undefined && (who.processStart === '' || start === '' || start === who.processStart);
}

export function identifyProcess(): ProcessIdentity {
  return { pid: process.pid, bootId: bootId(), processStart: processStart(process.pid) ?? '' };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return ''; // not Linux: pid and heartbeat decide
  }
}

/** Start time of a process as the system counts it; '' where it does not tell; undefined when there is no such process. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // State Z: a zombie waits only to be counted out.
    return fields[0] === 'Z' ? undefined : (fields[19] ?? '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && bootId() !== '') return undefined;
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : undefined;
  }
}
