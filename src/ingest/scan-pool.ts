import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { ScopeonError } from '../errors.ts';
import { programRoot } from '../members.ts';
import type { LogFile, Skip } from '../provider.ts';
import type { Beside } from './beside.ts';
import { compileAsUsual } from './compile-less.ts';
import type { PackedEvents } from './pack.ts';
import type { ToldBatch } from './told-batch.ts';

/**
 * A file to read in another thread. Its identity was settled before; here it is only read, by the descriptor of
 * whoever submits it, which stays open until the job is done (threads share descriptors).
 */
export interface ScanJob extends Omit<LogFile, 'digest' | 'told' | keyof Beside> {
  readonly job: number;
  readonly provider: string;
  readonly from: { readonly offset: number; readonly state: string | null } | undefined;
}

/** What a file will be known by, its hashes as latin1 text, which is sent sooner than bytes are. */
export interface PackedMarks {
  readonly tailHash: string;
  readonly fp: string;
  readonly fpLen: number;
}

/** One batch of a file on its way to the thread that writes. */
export interface PackedBatch {
  readonly job: number;
  readonly events: PackedEvents | undefined;
  /** Responses between those events. */
  readonly told: ToldBatch | undefined;
  readonly skipped: readonly Skip[];
  readonly records: number;
  readonly offset: number;
  /** JSON of the provider's notes. */
  readonly state: string | null;
  /** Nothing follows for this file. */
  readonly done: boolean;
  /** Of a file that is done, up to `offset`. */
  readonly marks?: PackedMarks | undefined;
  /** It could not be read to its end. */
  readonly failed: boolean;
  /** Where the provider broke on it. */
  readonly fault?: string | undefined;
}

export interface ScanSetup {
  readonly hmacKey: string;
  /** How many messages the thread has sent so far. */
  readonly sent: Int32Array<SharedArrayBuffer>;
}

/** A second thread that reads logs while this one writes rows. */
export interface ScanPool {
  submit(jobs: readonly ScanJob[]): void;
  /** The next finished batch, if one is there; never waits. @throws what ended the thread */
  take(): PackedBatch | undefined;
  /** Sleeps until a batch is there, or so many milliseconds. Polling would take from the thread that is waited for. */
  wait(ms: number): void;
  /** Jobs not done yet. */
  readonly outstanding: number;
  close(): void;
}

/** Undefined: the system has no room for another thread. */
export function startScanPool(hmacKey: string): ScanPool | undefined {
  const { port1, port2 } = new MessageChannel();
  const sent = new Int32Array(new SharedArrayBuffer(4));
  let taken = 0;
  let worker: Worker;
  try {
    worker = new Worker(new URL('../bin/scan-thread.js', programRoot), {
      workerData: { port: port2, hmacKey, sent },
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: 16 }, // its garbage is short-lived and small
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    port1.close();
    return undefined;
  }
  let failure: Error | undefined;
  let outstanding = 0;
  let received: Iterator<PackedBatch, undefined> = [].values();
  worker.on('error', (error: NodeJS.ErrnoException) => {
    // Read by nobody else before, a log has no part in it.
    failure =
      error.code === 'ENOENT'
        ? new ScopeonError('failure', `A part of this installation is missing: ${error.path ?? error.message}`, {
            hint: 'Install scopeon again.',
            cause: error,
          })
        : error;
  });
  // Also when it ends without a chance to do so itself, or this one does.
  process.prependOnceListener('exit', compileAsUsual);
  worker.on('exit', () => {
    process.off('exit', compileAsUsual);
    compileAsUsual();
    failure ??= new Error('the thread that reads along ended by itself');
  });
  worker.unref();
  return {
    get outstanding() {
      return outstanding;
    },
    submit(jobs) {
      outstanding += jobs.length;
      port1.postMessage(jobs);
    },
    take() {
      if (failure !== undefined) throw failure;
      let batch = received.next();
      if (batch.done === true) {
        const next: { readonly message: readonly PackedBatch[] } | undefined = receiveMessageOnPort(port1);
        if (next === undefined) return undefined;
        taken++;
        received = next.message.values();
        batch = received.next();
      }
      if (batch.value?.done === true) outstanding--;
      return batch.value;
    },
    wait(ms) {
      Atomics.wait(sent, 0, taken, ms);
    },
    close() {
      port1.postMessage('stop'); // does nothing when it was closed before
      port1.close();
    },
  };
}
