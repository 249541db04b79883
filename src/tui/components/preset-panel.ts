import { displaySafe } from '../../display.ts';
import { countOf } from '../../report/format.ts';
import { fitFacts, wrap } from '../../report/wrap.ts';
import type { AgentPresets, ShownPreset } from '../questions/presets.ts';
import { glyphs, type Theme } from '../theme.ts';
import { heading, marked, stacked } from './page.ts';
import { line } from './spans.ts';

interface Place {
  readonly width: number;
  readonly theme: Theme;
}

/** What is looked at: an agent, and one of its presets. */
export interface PresetCursor {
  readonly agent: number;
  readonly preset: number;
}

/** How far writing the preset's files has come: nothing is written before a yes. */
export type Consent =
  | { readonly step: 'none' | 'asked' | 'writing' }
  | { readonly step: 'written'; readonly files: readonly string[] }
  | { readonly step: 'failed'; readonly why: string };

/** Agents with the preset in use, the presets of one of them, and what one of those would start and write. */
export function presetLines(
  agents: readonly AgentPresets[],
  cursor: PresetCursor,
  consent: Consent,
  place: Place,
): readonly string[] {
  const agent = agents[cursor.agent];
  const preset = agent?.presets[cursor.preset];
  if (agent === undefined || preset === undefined) return [];
  const { width, theme } = place;
  return stacked([
    [
      heading('Presets', '[ ] agent · { } preset', width, theme),
      ...agents.map((each) => agentLine(each, each === agent, place)),
    ],
    [
      heading(agent.title, '', width, theme),
      ...agent.presets.map((each) => presetLine(each, each === preset, each.id === agent.current, place)),
    ],
    detailLines(preset, place),
    consentLines(agent, preset, consent, place),
  ]);
}

function agentLine({ title, isFound, current }: AgentPresets, isLookedAt: boolean, { width, theme }: Place): string {
  return line(
    [
      [isLookedAt ? glyphs.selected : ' ', theme.accent],
      isFound ? ['✓ ', theme.good] : ['– ', theme.quiet],
      [title.padEnd(20), isLookedAt ? theme.strong : theme.plain],
      [current ?? 'no preset', current === null ? theme.quiet : theme.accent],
    ],
    width,
  );
}

function presetLine(preset: ShownPreset, isLookedAt: boolean, isCurrent: boolean, { width, theme }: Place): string {
  return line(
    [
      [isLookedAt ? glyphs.selected : ' ', theme.accent],
      [isCurrent ? `${glyphs.live} ` : '  ', theme.good],
      [preset.title.padEnd(14), isLookedAt ? theme.strong : theme.plain],
      [fitFacts(preset.summary.split(', '), width - 17, ', '), theme.quiet],
    ],
    width,
  );
}

function detailLines(
  { title, summary, tradeoff, command, files }: ShownPreset,
  { width, theme }: Place,
): readonly string[] {
  return [
    heading(title, '', width, theme),
    ...marked(' ', summary, width),
    ...marked(['!', theme.warn], tradeoff, width),
    '',
    line([['Start it so', theme.quiet]], width),
    ...wrap(command.split(' '), Math.max(8, width - 2)).map((text) => line(['  ', [text, theme.accent]], width)),
    '',
    line([['or by the launcher, of these files', theme.quiet]], width),
    ...files.flatMap(({ path, description }) => [
      line(['  ', displaySafe(path, 512)], width),
      ...marked(' ', `  ${description}`, width).map((text) => theme.quiet(text)),
    ]),
  ];
}

function consentLines(
  { title }: AgentPresets,
  { title: preset, files }: ShownPreset,
  consent: Consent,
  { width, theme }: Place,
): readonly string[] {
  switch (consent.step) {
    case 'none':
      return [
        line(
          [
            ['Enter', theme.accent],
            [' writes them, after a yes', theme.quiet],
          ],
          width,
        ),
      ];
    case 'asked': {
      const what = `${preset} for ${title}: write ${countOf(files.length, 'file')}?`;
      return [
        ...marked(['?', theme.warn], what, width),
        line(['  ', ['y', theme.accent], [' writes, any other key does not', theme.quiet]], width),
      ];
    }
    case 'writing':
      return [line([['Writing …', theme.quiet]], width)];
    case 'written':
      return consent.files.flatMap((path) => marked(['✓', theme.good], displaySafe(path, 512), width));
    case 'failed':
      return marked(['!', theme.bad], displaySafe(consent.why, 512), width);
    default:
      return consent satisfies never;
  }
}
