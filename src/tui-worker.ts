import { parentPort, workerData } from 'node:worker_threads';
import { readPriceBook } from './ingest/pricing.ts';
import { loadInsightMembers } from './insight-members.ts';
import { loadMembers } from './members.ts';
import { parseZone, systemZone } from './metrics/calendar.ts';
import type { OptimizerModule } from './optimizer.ts';
import { createGrowthMemory } from './report/growth-memory.ts';
import { openReader } from './store/open.ts';
import { perStore } from './store/per-store.ts';
import { fileIdentity } from './store-source.ts';
import { systemZoneName } from './system-zone.ts';
import { answerQuestions } from './tui/answers.ts';
import { createSessionIndex } from './tui/components/session-index.ts';
import type { Question } from './tui/question.ts';
import type { TuiThreadOptions } from './tui-thread.ts';

// The live view's second thread: it alone holds the store, read-only, so that drawing never waits for it.
const options: TuiThreadOptions = workerData; // handed over by startTuiThread
const { paths, overrides, settings, startOfWeek, timezone, tz, home } = options;
const clock = (): number => performance.now();
if (parentPort !== null) {
  answerQuestions(parentPort, {
    source: { open: () => openReader(paths), identity: () => fileIdentity(paths.db) },
    questions: await loadMembers<Question<unknown, unknown>>('tui/questions'),
    known: {
      zone: timezone === undefined ? systemZone(systemZoneName(tz)) : parseZone(timezone),
      startOfWeek,
      bookOf: perStore((db) => readPriceBook(db, overrides)), // prices are read once for each time the store is opened
      growth: createGrowthMemory(clock),
      members: await loadInsightMembers(),
      ...settings,
      optimizers: await loadMembers<OptimizerModule>('optimizers'),
      platform: process.platform,
      home,
      sessions: createSessionIndex(clock),
    },
    clock: Date.now,
  });
}
