/** What changes between two texts, as lines with `-` or `+` before them: no other line, and none that only gets a comma. */
export function lineDiff(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const old = linesOf(before);
  const fresh = linesOf(after);
  let head = 0;
  while (head < Math.min(old.length, fresh.length) && isSame(old[head], fresh[head])) head++;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && isSame(old.at(-1 - tail), fresh.at(-1 - tail))) tail++;
  return [
    ...old.slice(head, old.length - tail).map((line) => `- ${line}`),
    ...fresh.slice(head, fresh.length - tail).map((line) => `+ ${line}`),
  ];
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a?.replace(/,$/, '') === b?.replace(/,$/, '');
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}
