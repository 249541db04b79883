import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { root } from './sources.mjs';

// Not in node_modules: `npm ci` empties that.
const directory = `${root}/.cache`;
const file = `${directory}/setup.lock`;
const longestSetupMs = 30 * 60 * 1000;
const longestWriteMs = 5 * 1000;

/** Runs `work` while no other set-up or build of this checkout does. The lock of a process that is gone is void. */
export async function withLock(work, sayWaiting) {
  mkdirSync(directory, { recursive: true });
  const own = `${process.pid} ${Date.now()}`;
  let told = false;
  while (!take(own)) {
    const holder = read();
    if (holder !== undefined && isVoid(holder)) discard(holder.text);
    else if (holder?.pid !== undefined && !told) {
      told = true;
      sayWaiting(holder.pid);
    }
    await setTimeout(holder === undefined ? 20 : 200);
  }
  const release = () => {
    if (read()?.text === own) rmSync(file, { force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(own) {
  try {
    writeFileSync(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    // Windows answers EPERM or EBUSY while another process is removing the file.
    if (['EEXIST', 'EPERM', 'EBUSY'].includes(error.code)) return false;
    throw error;
  }
}

function read() {
  try {
    const text = readFileSync(file, 'utf8');
    const pid = Number.parseInt(text, 10);
    return { text, pid: Number.isNaN(pid) ? undefined : pid, ageMs: Date.now() - statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

function isVoid({ pid, ageMs }) {
  if (pid === undefined) return ageMs > longestWriteMs; // its owner is about to write its number, or died there
  if (ageMs > longestSetupMs) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Two processes may find the same void lock; whoever moved a newer one aside by mistake puts it back. */
function discard(text) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') === text) rmSync(aside);
    else renameSync(aside, file);
  } catch {
    // another process was quicker
  }
}
