import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tildePath } from './display.ts';
import type { Offer } from './tui/components/welcome.ts';

/**
 * True once for each of our directories: then the mark that it was is left there. False, too, where no mark can be left:
 * rather never than again and again.
 */
export function takeFirstStart(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, 'onboarded'), '1\n', { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    return false; // most often because it is there
  }
}

/** What a first start can offer of the commands there are. `configFile`: to be read, or to be made. */
export function firstOffers(
  commands: readonly string[],
  { configFile, home }: { readonly configFile: string; readonly home: string },
): readonly Offer[] {
  const has = (id: string): boolean => commands.includes(id);
  return [
    ...(has('init')
      ? [{ line: 'scopeon init', gives: 'lets your agent ask what it costs; --dry-run shows the change first' }]
      : []),
    has('config')
      ? { line: 'scopeon config set budget.daily_usd 5', gives: 'a limit per day; also weekly_usd and monthly_usd' }
      : {
          line: 'daily_usd = 5.0',
          gives: `below [budget] in ${tildePath(configFile, home)}: a limit per day; also weekly_usd and monthly_usd`,
        },
    ...(has('shell-hook')
      ? [{ line: 'scopeon shell-hook', gives: 'prints what puts cost and context into your shell prompt' }]
      : []),
  ];
}
