import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeHome, startServer, type TestServer } from './server.ts';

// A real Prometheus reads what is exported. It scrapes every second, until it has done so three times, or for
// SCOPEON_SCRAPE_SECONDS. Debian has both programs in its package `prometheus`.

const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const hasTool = isThere('promtool');
const hasPrometheus = isThere('prometheus');
if (!hasTool) console.log('What is exported is not linted: there is no promtool (package prometheus).');
if (!hasPrometheus) console.log('Nothing scrapes what is exported: there is no prometheus (package prometheus).');

const secret = 'a-secret-of-24-characters';
const openMetrics = 'application/openmetrics-text; version=1.0.0';
let server: TestServer;
beforeAll(async () => {
  server = await startServer(['--tier', '2', '--secret', secret], { home: madeHome(), token: secret });
});
afterAll(() => server.close());

async function metrics(accept: string): Promise<string> {
  const headers = { accept, authorization: `Bearer ${secret}` };
  const response = await fetch(server.url('/metrics'), { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain(accept.split(';')[0]);
  return response.text();
}

it('counts what reading the logs took, and who listens', async () => {
  const text = await metrics('text/plain');
  const figure = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(figure('scopeon_log_records_total')).toBeGreaterThan(36);
  expect(figure('scopeon_ingest_batches_total')).toBeGreaterThanOrEqual(1);
  expect(figure('scopeon_ingest_retries_total')).toBe(0);
  expect(figure('scopeon_store_recoveries_total')).toBe(0);
  expect(figure('scopeon_log_unread_bytes')).toBe(0);
  expect(text).toContain('scopeon_log_records_skipped_total{reason="invalid"} 0\n');
  const stop = new AbortController();
  await fetch(server.url('/sse/v1/status'), { headers: { 'x-scopeon-token': secret }, signal: stop.signal });
  expect(await metrics('text/plain')).toContain(
    'scopeon_stream_clients{stream="websocket"} 0\nscopeon_stream_clients{stream="sse"} 1\n',
  );
  stop.abort();
});

it('has a counter for what never falls and a gauge for all else', async () => {
  const text = await metrics('text/plain');
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(20);
  for (const { name, type } of types) expect(type, name).toBe(name.endsWith('_total') ? 'counter' : 'gauge');
});

it('leaves a cost that nobody knows out, and keeps the turns that have none', async () => {
  const text = await metrics('text/plain');
  expect(text).toMatch(/^scopeon_turns_total\{provider="claude-code",model="nobody-lists-this[^"]*"\} \d+$/m);
  expect(text).not.toMatch(/^scopeon_cost_usd\{[^}]*nobody-lists-this/m);
});

describe.skipIf(!hasTool)('promtool', () => {
  const complaints = (text: string): readonly string[] => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    if (lines.length === 0) expect(status).toBe(0);
    return lines;
  };

  it('finds nothing to say of the text format', async () => {
    expect(complaints(await metrics('text/plain'))).toEqual([]);
  });

  it('reads OpenMetrics, where it knows but the text format', async () => {
    const text = await metrics(openMetrics);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => `${name}_total no help text`);
    expect(complaints(text).toSorted()).toEqual(counters.toSorted()); // a family has another name than its samples there
  });
});

describe.skipIf(!hasPrometheus)('prometheus', () => {
  const seconds = Number(process.env.SCOPEON_SCRAPE_SECONDS ?? 0);
  let directory: string;
  let plain: Server;
  let prometheus: ChildProcess | undefined;
  afterAll(async () => {
    plain?.close();
    if (prometheus !== undefined && prometheus.exitCode === null) {
      const ended = new Promise((resolve) => prometheus?.once('exit', resolve));
      prometheus.kill('SIGTERM');
      await ended;
    }
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it(
    'scrapes both formats with a bearer token and never fails',
    async () => {
      directory = mkdtempSync(join(tmpdir(), 'scopeon-prometheus-'));
      // It always asks for OpenMetrics first: what stands between asks for the text format.
      plain = createServer((_, response) => {
        metrics('text/plain').then(
          (text) => response.end(text),
          () => response.destroy(),
        );
      });
      const plainPort = await listen(plain);
      const port = await freePort();
      const config = join(directory, 'prometheus.yml');
      writeFileSync(
        config,
        `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: openmetrics
    authorization: { credentials: ${secret} }
    static_configs: [{ targets: ['127.0.0.1:${server.port}'] }]
  - job_name: text
    static_configs: [{ targets: ['127.0.0.1:${plainPort}'] }]
`,
      );
      let log = '';
      prometheus = spawn('prometheus', [
        '--log.level=debug', // which tells of every scrape that failed
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ]);
      prometheus.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
      prometheus.stdout?.resume();
      const ask = async (query: string): Promise<ReadonlyMap<string, number>> => {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
        const response = await fetch(url).catch(() => undefined);
        if (response?.ok !== true) return new Map();
        const { data } = (await response.json()) as {
          data: { result: { metric: { job?: string }; value: [number, string] }[] };
        };
        return new Map(data.result.map(({ metric, value }) => [metric.job ?? '', Number(value[1])]));
      };
      const scrapes = async (): Promise<number> => {
        const counts = await ask('sum_over_time(up[10m])'); // those that did not fail
        return Math.min(counts.get('openmetrics') ?? 0, counts.get('text') ?? 0);
      };
      await expect
        .poll(scrapes, { timeout: (60 + seconds * 2) * 1_000, interval: 500 })
        .toBeGreaterThanOrEqual(Math.max(3, seconds));
      const stats = await fetch(server.url('/api/v1/stats'), { headers: { 'x-scopeon-token': secret } });
      const { total_turns } = (await stats.json()) as { total_turns: number };
      for (const job of ['openmetrics', 'text']) {
        expect((await ask('max_over_time(scrape_samples_scraped[10m])')).get(job)).toBeGreaterThan(30);
        expect((await ask('scopeon_total_turns')).get(job)).toBe(total_turns);
        expect((await ask('sum by (job) (scopeon_turns_total)')).get(job)).toBe(total_turns);
      }
      // On a busy machine a scrape may take longer than it has; nothing else may go wrong.
      const told = log.split('\n').filter((line) => /level=(warn|error)|msg="(Scrape|Append) failed"/i.test(line));
      expect(told.filter((line) => !line.includes('deadline exceeded'))).toEqual([]);
      if (seconds > 0)
        console.log(
          `${await scrapes()} scrapes of each format; at most ${JSON.stringify([...(await ask('max_over_time(scrape_samples_scraped[10m])'))])} samples, ${JSON.stringify([...(await ask('max_over_time(scrape_duration_seconds[10m])'))])} s`,
        );
    },
    (120 + seconds * 2) * 1_000,
  );
});

async function listen(on: Server): Promise<number> {
  await new Promise<void>((resolve) => on.listen(0, '127.0.0.1', resolve));
  return (on.address() as AddressInfo).port;
}

/** It takes a number only. */
async function freePort(): Promise<number> {
  const taken = createServer();
  const port = await listen(taken);
  await new Promise((resolve) => taken.close(resolve));
  return port;
}
