import { type MessagePort, workerData } from 'node:worker_threads';
import { loadMember, memberIds } from '../members.ts';
import type { Cursor, Provider } from '../provider.ts';
import { readable } from './beside.ts';
import { compileLess } from './compile-less.ts';
import { createDigest } from './digest.ts';
import { guardReader, ProviderFault } from './guard.ts';
import { isFileError } from './open-log.ts';
import { createPacker } from './pack.ts';
import type { PackedBatch, ScanJob, ScanSetup } from './scan-pool.ts';

// A thread that only reads: it scans logs the other thread has opened and hands the events on. It knows no store.
compileLess();
const { port, hmacKey, sent }: ScanSetup & { port: MessagePort } = workerData; // handed over by startScanPool
const providers = new Map<string, Provider>();
const digest = createDigest(hmacKey);
const packEvents = createPacker();

/** Sent together from this many on: a message costs more than what is in most of them. */
const mostTogether = 16;
let ready: PackedBatch[] = [];

let before = Promise.resolve();
port.on('message', (jobs: readonly ScanJob[] | 'stop') => {
  before = before.then(async () => {
    if (jobs === 'stop') return port.close();
    for (const job of jobs) await scan(job);
    send();
  });
});

function send(): void {
  if (ready.length === 0) return;
  port.postMessage(
    ready,
    ready.flatMap(({ events }) => (events === undefined ? [] : [events.numbers.buffer])),
  );
  ready = [];
  Atomics.add(sent, 0, 1);
  Atomics.notify(sent, 0);
}

/** Of a machine's agents there are few, and the others' readers need not be loaded. */
async function providerNamed(id: string): Promise<Provider | undefined> {
  if (!providers.has(id) && memberIds('providers').includes(id))
    providers.set(id, await loadMember<Provider>('providers', id));
  return providers.get(id);
}

async function scan(job: ScanJob): Promise<void> {
  const post = (batch: Omit<PackedBatch, 'job'>): void => {
    ready.push({ job: job.job, ...batch });
    if (!batch.done || ready.length === mostTogether) send();
  };
  const nothing = {
    events: undefined,
    skipped: [],
    records: 0,
    offset: job.from?.offset ?? 0,
    state: null,
    done: true,
  } as const;
  const provider = providers.get(job.provider) ?? (await providerNamed(job.provider));
  if (provider === undefined) return post({ ...nothing, failed: true });
  const from: Cursor | undefined =
    job.from === undefined
      ? undefined
      : { offset: job.from.offset, state: job.from.state === null ? undefined : JSON.parse(job.from.state) };
  // Held back until it is known whether another follows: most files are one batch, and so one message.
  let last: Omit<PackedBatch, 'job'> | undefined;
  try {
    for (const batch of guardReader(provider.read)(readable(job, job.fd, digest), from)) {
      if (last !== undefined) post(last);
      last = {
        events: packEvents(batch.events),
        skipped: batch.skipped,
        records: batch.records,
        offset: batch.cursor.offset,
        state: batch.cursor.state === undefined ? null : JSON.stringify(batch.cursor.state),
        done: false,
        failed: false,
      };
    }
    post({ ...(last ?? { ...nothing, failed: false }), done: true });
  } catch (error) {
    const fault = error instanceof ProviderFault ? error.message : undefined;
    if (fault === undefined && !isFileError(error)) throw error;
    if (last !== undefined) post(last);
    post({ ...nothing, failed: true, fault });
  }
}
