import { countOf, formatUsd } from '../../report/format.ts';
import type { YearDay } from '../../report/year.ts';
import { glyphs, type Theme } from '../theme.ts';
import { line, type Span, spread } from './spans.ts';

const labelWidth = 5;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The year as a map: a column per week, a row per day of it, denser the more a day cost. Older weeks go where it is narrow. */
export function yearLines(
  days: readonly YearDay[],
  { width, theme }: { readonly width: number; readonly theme: Theme },
): readonly string[] {
  const [first] = days;
  if (first === undefined) return [];
  const all = Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(week * 7, week * 7 + 7));
  // Two columns a week where the whole year fits so: then a day is about as wide as it is high.
  const each = width >= labelWidth + all.length * 2 ? 2 : 1;
  const weeks = all.slice(-Math.max(1, Math.floor((width - labelWidth) / each)));
  const used = days.filter((day) => day.turns > 0);
  const dearest = used.reduce((top, day) => (day.costUsd > top.costUsd ? day : top), first);
  const facts = [
    ...(dearest.costUsd > 0 ? [`most ${formatUsd(dearest.costUsd)} on ${dearest.date}`] : []),
    `${countOf(used.length, 'day')} with use`,
  ];
  return [
    spread([['Year   ', theme.strong], ...legend(theme)], [[facts.join(' · '), theme.quiet]], width),
    line([' '.repeat(labelWidth), [monthLine(weeks, each), theme.quiet]], width),
    ...Array.from({ length: 7 }, (_, row) => {
      const date = weeks[0]?.[row]?.date ?? weeks[1]?.[row]?.date;
      const name = date === undefined ? '' : (weekdays[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '');
      const cells = weeks.map((week) => cell(week[row], each, theme));
      return line([[(row % 2 === 0 ? name : '').padEnd(labelWidth), theme.quiet], ...cells], width);
    }),
  ];
}

function cell(day: YearDay | undefined, each: number, theme: Theme): Span {
  if (day === undefined) return ' '.repeat(each);
  const glyph = glyphs.heat[day.level] ?? '';
  return [glyph.padEnd(each), theme.heat[day.level] ?? theme.plain];
}

/** Names of months above the weeks in which they begin, where there is room for them. */
function monthLine(weeks: readonly (readonly YearDay[])[], each: number): string {
  let text = '';
  for (const [at, week] of weeks.entries()) {
    const begin = week.find((day) => day.date.endsWith('-01'));
    const from = at * each;
    if (begin === undefined || text.length > from) continue;
    text = `${text.padEnd(from)}${months[Number(begin.date.slice(5, 7)) - 1] ?? ''} `;
  }
  return text;
}

function legend(theme: Theme): readonly Span[] {
  const steps = glyphs.heat.map((glyph, level): Span => [`${glyph} `, theme.heat[level] ?? theme.plain]);
  return [['less ', theme.quiet], ...steps, ['more', theme.quiet]];
}
