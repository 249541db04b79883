import { readlinkSync } from 'node:fs';

/**
 * Name of this machine's zone. Asked of the system first: the first use of Intl costs more than a whole report. Intl
 * knows no name for a TZ such as `UTC+5`: then it is called as it is written there, and the system's clock knows it.
 */
export function systemZoneName(TZ: string | undefined): string {
  if (TZ === undefined) {
    try {
      const name = /\/zoneinfo\/(?:posix\/)?([A-Za-z0-9_+\-/]+)$/.exec(readlinkSync('/etc/localtime'))?.[1];
      if (name !== undefined) return name.replace(/^Etc\/(UTC|UCT|Universal|Zulu)$/, 'UTC');
    } catch {
      // no such link on this system: Intl knows
    }
  }
  const name: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone; // typed as always there
  return name ?? TZ ?? 'UTC';
}
