import { displaySafe, tildePath } from '../../display.ts';
import { type Column, fitColumns, rowText, titleSpans } from '../components/columns.ts';
import { heading, marked, severitySign, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { line } from '../components/spans.ts';
import { defineTab, type SettingLine, type TabProps } from '../tab.ts';
import type { Theme } from '../theme.ts';

export default defineTab({ title: 'Config', key: '3', keys: scrollKeys, Component: Config });

/** Every setting with what holds and who decided it. */
function Config(props: TabProps) {
  const { theme, given } = props;
  const width = Math.min(props.width - 2, 110);
  const { file, lines: settings, warnings } = given.settings;
  const place = file === undefined ? 'no file' : tildePath(displaySafe(file, 1024), given.home);
  const fit = fitColumns(columnsOf(theme), width);
  const page = stacked([
    [heading('Settings', '', width, theme), line([[place, theme.quiet]], width)],
    [theme.quiet(titleSpans(fit)), ...settings.map((setting) => rowText(fit, setting))],
    warnings.length === 0
      ? []
      : [
          heading('To mend', '', width, theme),
          ...warnings.flatMap((text) => marked(severitySign('warning', theme), displaySafe(text, 1024), width)),
        ],
    marked(' ', 'Change them in the file or by variables: SCOPEON_BUDGET_DAILY_USD is budget.daily_usd.', width).map(
      (text) => theme.quiet(text),
    ),
  ]);
  return <ScrollPage {...props} lines={page.map((text) => ` ${text}`)} />;
}

const sourceWords = { option: 'option', env: 'environment', file: 'file', default: 'default' } as const;

function columnsOf(theme: Theme): readonly Column<SettingLine>[] {
  const isSet = (setting: SettingLine): boolean => setting.source !== 'default';
  return [
    {
      title: 'Setting',
      align: 'left',
      width: 20,
      most: 30,
      weight: 10,
      cell: (setting) => [[setting.name, isSet(setting) ? theme.strong : theme.plain]],
    },
    {
      title: 'Value',
      align: 'left',
      width: 12,
      most: 64,
      share: 3,
      weight: 9,
      cell: ({ value }) => [value === '' ? ['not set', theme.quiet] : displaySafe(value, 256)],
    },
    {
      title: 'From',
      align: 'left',
      width: 11,
      weight: 5,
      cell: (setting) => [[sourceWords[setting.source], isSet(setting) ? theme.accent : theme.quiet]],
    },
  ];
}
