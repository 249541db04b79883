import type { PassProgress } from './ingest/pass.ts';

/** Work shorter than this needs no progress line. */
const patienceMs = 300;
const redrawMs = 100;

/** One line on a terminal that tells how far reading is; silent elsewhere and for short work. */
export function progressLine(
  stream: NodeJS.WriteStream,
  now: () => number,
): { show(done: PassProgress): void; say(text: string): void; clear(): void } {
  const started = now();
  let drawn = 0;
  let visible = false;
  let said = '';
  const draw = (text: string): void => {
    visible = true;
    stream.write(`\r\x1b[2K${text.slice(0, Math.max(0, (stream.columns ?? 80) - 1))}`);
  };
  return {
    show(done) {
      const at = now();
      if (!stream.isTTY || at - started < patienceMs || at - drawn < redrawMs || done.totalBytes === 0) return;
      drawn = at;
      const pct = Math.min(100, Math.floor((done.bytes / done.totalBytes) * 100));
      draw(
        `Reading logs ${String(pct).padStart(3)} %  ${done.files}/${done.totalFiles} files  ${mebibytes(done.bytes)} of ${mebibytes(done.totalBytes)} MiB`,
      );
    },
    say(text) {
      if (text === said) return;
      said = text;
      if (stream.isTTY) draw(text);
      else stream.write(`scopeon: ${text}\n`);
    },
    clear() {
      if (visible) stream.write('\r\x1b[2K');
      visible = false;
    },
  };
}

function mebibytes(bytes: number): string {
  return Math.round(bytes / 1024 / 1024).toLocaleString('en-US');
}
