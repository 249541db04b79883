import { type MessagePort, workerData } from 'node:worker_threads';
import { loadMember, memberIds } from '../members.ts';
import type { Cursor, Provider } from '../provider.ts';
import { readable } from './beside.ts';
import { compileLess } from './compile-less.ts';
import { createDigest } from './digest.ts';
import { marksAt } from './fingerprint.ts';
import { guardReader, ProviderFault } from './guard.ts';
import { isFileError } from './open-log.ts';
import { createPacker } from './pack.ts';
import type { PackedBatch, PackedMarks, ScanJob, ScanSetup } from './scan-pool.ts';
import { ToldCollector } from './told-batch.ts';

// A thread that only reads: it scans logs the other thread has opened and hands the events on. It knows no store.
compileLess();
const { port, hmacKey, sent }: ScanSetup & { port: MessagePort } = workerData; // handed over by startScanPool
const providers = new Map<string, Provider>();
const digest = createDigest(hmacKey);
const packEvents = createPacker();
const collector = new ToldCollector();

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
    ready.flatMap(({ events, told }) =>
      [events, told].flatMap((sent) => (sent === undefined ? [] : [sent.numbers.buffer])),
    ),
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
    told: undefined,
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
    for (const batch of guardReader(provider.read)(readable(job, job.fd, digest, collector), from)) {
      if (last !== undefined) post(last);
      last = {
        events: packEvents(batch.events),
        told: collector.close(),
        skipped: batch.skipped,
        records: batch.records,
        offset: batch.cursor.offset,
        state: batch.cursor.state === undefined ? null : JSON.stringify(batch.cursor.state),
        done: false,
        failed: false,
      };
    }
    const end = last ?? { ...nothing, failed: false };
    post({ ...end, done: true, marks: marksOf(job.fd, end.offset) });
  } catch (error) {
    const fault = error instanceof ProviderFault ? error.message : undefined;
    if (fault === undefined && !isFileError(error)) throw error;
    collector.drop();
    if (last !== undefined) post(last);
    post({ ...nothing, failed: true, fault });
  }
}

/** Taken here, for the other thread has more to do than this one. Undefined: it may try itself. */
function marksOf(fd: number, offset: number): PackedMarks | undefined {
  try {
    const { tailHash, fp, fpLen } = marksAt(fd, offset);
    return { tailHash: tailHash.toString('latin1'), fp: fp.toString('latin1'), fpLen };
  } catch (error) {
    if (!isFileError(error)) throw error;
    return undefined;
  }
}
