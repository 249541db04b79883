import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CollectorState } from '../../src/ingest/collector-loop.ts';

/** What a collector says: a state, or a sentence for the user. */
export type Said = Partial<CollectorState> & { readonly notice?: string };

export interface RunningCollector {
  readonly pid: number;
  /** Everything it has said so far. */
  readonly said: readonly Said[];
  /** The first thing said, from the `from`-th on, of which that holds. @throws when it does not come in time */
  hears(holds: (said: Said) => boolean, from?: number): Promise<Said>;
  stop(): Promise<void>;
}

/** Long enough for a machine that has much else to do. */
const patienceMs = 45_000;
const script = fileURLToPath(new URL('collect.ts', import.meta.url));

/** Starts a collector in a process of its own, through other commands if wanted. */
export function startCollectorProcess(options: {
  readonly home: string;
  readonly store: string;
  readonly through?: readonly string[] | undefined;
  readonly retryMs?: number;
}): RunningCollector {
  const { home, store, through = [], retryMs = 500 } = options;
  const collect = [process.execPath, '--import', 'tsx', script, home, store, String(retryMs)];
  const [command = '', ...args] = [...through, ...collect];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: Said[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Said));
  return {
    get pid() {
      return child.pid ?? 0;
    },
    said,
    async hears(holds, from = 0) {
      await until(
        () => said.slice(from).some(holds),
        () => `not said: ${JSON.stringify(said.slice(-5))}`,
      );
      return said.slice(from).find(holds) as Said; // as just seen
    },
    stop: () => ended(child),
  };
}

/** Waits for that to hold. @throws when it does not in time */
export async function until(holds: () => boolean, message = (): string => String(holds)): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(message());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await gone;
}
