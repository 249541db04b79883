import { useReducer } from 'react';
import { displaySafe, displayWidth, tildePath } from '../../display.ts';
import { wrap } from '../../report/wrap.ts';
import { useAsk } from '../components/ask.ts';
import { type Column, type FitColumn, fitColumns, fitWidth, rowText, titleSpans } from '../components/columns.ts';
import { useKeys } from '../components/key-bus.ts';
import { useLive } from '../components/live.ts';
import { minuteOf } from '../components/minute.ts';
import { beside, heading, marked, severitySign, stacked } from '../components/page.ts';
import { type Consent, type PresetCursor, presetLines } from '../components/preset-panel.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { line } from '../components/spans.ts';
import { actionOf, type KeyBinding } from '../keys.ts';
import presets, { type AgentPresets } from '../questions/presets.ts';
import { defineTab, type SettingLine, type TabProps } from '../tab.ts';
import type { Theme } from '../theme.ts';

const presetKeys: readonly KeyBinding[] = [
  { action: 'next-agent', keys: [']'], help: 'presets of the next agent', hint: 'agent', hintKeys: '[ ]' },
  { action: 'previous-agent', keys: ['['], help: 'of the agent before' },
  { action: 'next-preset', keys: ['}', 'right', 'l'], help: 'the next preset', hint: 'preset', hintKeys: '{ }' },
  { action: 'apply', keys: ['return'], help: 'write the preset’s files, after a yes', hint: 'apply' },
  { action: 'yes', keys: ['y'], help: 'yes, write them' },
  { action: 'previous-preset', keys: ['{', 'left', 'h'], help: 'the preset before' },
];

/** From this width on presets stand beside the settings. */
const besideFrom = 110;
const noAgents: readonly AgentPresets[] = [];

export default defineTab({ title: 'Config', key: '3', keys: [...presetKeys, ...scrollKeys], Component: Config });

/** Every setting with what holds and who decided it, and the ways agents can be started. */
function Config(props: TabProps) {
  const { theme, store, keys, listens, width } = props;
  const [consent, setConsent] = useLive<Consent>({ step: 'none' });
  const agents = useAsk(store, presets, {}, noAgents, `${minuteOf(props.now)} ${consent.current.step}`);
  const [cursor, move] = useReducer((before: PresetCursor, action: string) => moved(before, action, agents), {
    agent: 0,
    preset: 0,
  });
  useKeys(keys, listens, (name) => {
    const action = actionOf(presetKeys, name);
    if (consent.current.step === 'writing') return;
    if (action === 'yes' && consent.current.step === 'asked') return write();
    setConsent({ step: action === 'apply' && agents.length > 0 ? 'asked' : 'none' });
    if (action !== undefined && action !== 'apply' && action !== 'yes') move(action);
  });

  function write(): void {
    const agent = agents[cursor.agent];
    const preset = agent?.presets[cursor.preset];
    if (agent === undefined || preset === undefined) return;
    setConsent({ step: 'writing' });
    props.given.applyPreset(agent.id, preset.id).then(
      (files) => setConsent({ step: 'written', files: files.map((path) => tildePath(path, props.given.home)) }),
      (error: unknown) => setConsent({ step: 'failed', why: error instanceof Error ? error.message : String(error) }),
    );
  }

  const isBeside = width >= besideFrom;
  const left = isBeside ? Math.floor((width - 5) * 0.54) : width - 2;
  const right = isBeside ? Math.min(width - left - 5, 90) : left;
  const settings = settingLines(props, Math.min(left, 110));
  const ways = presetLines(agents, cursor, consent.current, { width: right, theme });
  const sides = [
    { lines: settings, width: left },
    { lines: ways, width: right },
  ];
  const lines = isBeside ? beside(sides, 0, theme) : stacked([settings, ways]).map((text) => ` ${text}`);
  return <ScrollPage {...props} lines={lines} hints={presetKeys} />;
}

function moved({ agent, preset }: PresetCursor, action: string, agents: readonly AgentPresets[]): PresetCursor {
  const turn = (at: number, by: number, count: number): number => (count === 0 ? 0 : (at + by + count) % count);
  if (action === 'next-agent') return { agent: turn(agent, 1, agents.length), preset };
  if (action === 'previous-agent') return { agent: turn(agent, -1, agents.length), preset };
  return { agent, preset: turn(preset, action === 'next-preset' ? 1 : -1, agents[agent]?.presets.length ?? 0) };
}

function settingLines({ theme, given }: TabProps, width: number): readonly string[] {
  const { file, lines: settings, warnings } = given.settings;
  const place = file === undefined ? 'no file' : tildePath(displaySafe(file, 1024), given.home);
  const fit = fitColumns(columnsOf(theme), width);
  const rest = ' '.repeat(Math.max(0, width - fitWidth(fit)));
  const note = 'Change them in the file or by variables: SCOPEON_BUDGET_DAILY_USD is budget.daily_usd.';
  return stacked([
    [heading('Settings', place, width, theme)],
    warnings.length === 0
      ? []
      : [
          heading('To mend', '', width, theme),
          ...warnings.flatMap((text) => marked(severitySign('warning', theme), displaySafe(text, 1024), width)),
        ],
    [
      theme.quiet(titleSpans(fit)) + rest,
      ...settings.flatMap((setting) => settingRows(fit, setting).map((text) => text + rest)),
    ],
    marked(' ', note, width).map((text) => theme.quiet(text)),
  ]);
}

/** A value that is too long for its column goes on below. */
function settingRows(fit: readonly FitColumn<SettingRow>[], setting: SettingLine): readonly string[] {
  const room = fit.find(({ column }) => column.title === 'Value')?.width;
  const value = displaySafe(setting.value, 1024);
  if (room === undefined || displayWidth(value) <= room) return [rowText(fit, setting)];
  const words = value.split(' ');
  if (words.some((word) => displayWidth(word) > room)) {
    const width = fitWidth(fit);
    const lines = wrap(words, width - 4).map((part) => line(['    ', part], width));
    return [rowText(fit, { ...setting, value: ' ' }), ...lines];
  }
  const below = { ...setting, name: '', source: undefined };
  return wrap(words, room).map((part, at) => rowText(fit, { ...(at === 0 ? setting : below), value: part }));
}

type SettingRow = Omit<SettingLine, 'source'> & { readonly source: SettingLine['source'] | undefined };

const sourceWords = { option: 'option', env: 'environment', file: 'file', default: 'default' } as const;

function columnsOf(theme: Theme): readonly Column<SettingRow>[] {
  const isSet = (setting: SettingRow): boolean => setting.source !== 'default';
  return [
    {
      title: 'Setting',
      align: 'left',
      width: 20,
      most: 30,
      share: 10,
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
      cell: (setting) => [
        [setting.source === undefined ? '' : sourceWords[setting.source], isSet(setting) ? theme.accent : theme.quiet],
      ],
    },
  ];
}
