import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { recordsOf } from '../../src/readers/scan.ts';
import { createScanner } from '../../src/readers/scan-wasm.ts';
import { claudePlan } from '../helpers/claude-plan.ts';

/**
 * Scans every .jsonl below a directory and makes its records. Tells seconds of reading, and of all.
 *
 *   tsx test/bench/scan.ts <directory> [plain] [runs]
 */
const [directory = '.', mode = 'wasm', runs = '3'] = process.argv.slice(2);
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => join(directory, name));
const scanner = createScanner(claudePlan, { wasm: mode === 'plain' ? false : undefined });

function readAll(onLine: (from: number, to: number) => void): number {
  let total = 0;
  for (const file of files) {
    const fd = openSync(file, 'r');
    let held = 0;
    for (;;) {
      if (held === scanner.bytes.length) scanner.reserve(held * 2);
      const bytes = scanner.bytes;
      const got = readSync(fd, bytes, held, bytes.length - held, null);
      if (got === 0) break;
      total += got;
      const end = held + got;
      let from = 0;
      for (let to = bytes.indexOf(10, held); to >= 0 && to < end; to = bytes.indexOf(10, from)) {
        onLine(from, to);
        from = to + 1;
      }
      bytes.copyWithin(0, from, end);
      held = end - from;
    }
    closeSync(fd);
  }
  return total;
}

scanner.reserve(512 * 1024);
for (let run = 0; run < Number(runs); run++) {
  let records = 0;
  let invalid = 0;
  let output = 0;
  let started = process.cpuUsage();
  const bytes = readAll(() => {});
  const reading = seconds(started);
  started = process.cpuUsage();
  readAll((from, to) => {
    const whole = recordsOf(scanner, from, to, (record) => {
      records++;
      output += record.message?.usage?.output_tokens ?? 0;
    });
    if (!whole) invalid++;
  });
  const all = seconds(started);
  started = process.cpuUsage();
  readAll((from, to) => scanner.scan(from, to));
  const scanning = seconds(started) - reading;
  const cpu = { reading, scanning, making: all - reading - scanning, all };
  console.log(
    JSON.stringify({ mode, bytes, records, invalid, output, cpu }, (_, value) =>
      typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
    ),
  );
}

function seconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
