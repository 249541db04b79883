import { displaySafe } from '../../display.ts';
import type { Zone } from '../../metrics/calendar.ts';
import type { Theme } from '../theme.ts';
import { type FiringAlert, isSilent, timeOf } from './alert-banner.ts';
import { heading, marked, severitySign } from './page.ts';

/** Every alert that is on, the silent ones with the time until which they are. No lines: none is. */
export function alertLines(
  alerts: readonly FiringAlert[],
  {
    width,
    theme,
    zone,
    now,
  }: { readonly width: number; readonly theme: Theme; readonly zone: Zone; readonly now: number },
): readonly string[] {
  if (alerts.length === 0) return [];
  const silent = alerts.filter((alert) => isSilent(alert, now));
  return [
    heading('Alerts', silent.length === 0 ? 'x silences them' : 'X shows the silent ones', width, theme),
    ...alerts.flatMap((alert) => {
      const { severity, project, message, snoozedUntil } = alert;
      const isQuiet = silent.includes(alert);
      const whose = project === undefined ? '' : `${displaySafe(project, 40)} · `;
      const until = isQuiet && snoozedUntil !== undefined ? ` (silent until ${timeOf(snoozedUntil, zone)})` : '';
      const lines = marked(severitySign(severity, theme), `${whose}${displaySafe(message, 512)}${until}`, width);
      return isQuiet ? lines.map(theme.quiet) : lines;
    }),
  ];
}
