import { statSync } from 'node:fs';

/** Another text when another file took this one's place: an open handle still reads the old one. */
export function fileIdentity(path: string): string {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}
