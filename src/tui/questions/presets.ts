import { type PresetId, presetIds } from '../../optimizer.ts';
import { optimizationReport, presetPreview } from '../../report/optimizations.ts';
import { defineQuestion } from '../question.ts';

/** An agent that can be started in several ways. */
export interface AgentPresets {
  readonly id: string;
  readonly title: string;
  /** It has sessions here. */
  readonly isFound: boolean;
  /** The one whose launcher is there; null: none, or several. */
  readonly current: PresetId | null;
  readonly presets: readonly ShownPreset[];
}

export interface ShownPreset {
  readonly id: PresetId;
  readonly title: string;
  readonly summary: string;
  readonly tradeoff: string;
  readonly command: string;
  /** Files it takes, `~` the home directory. */
  readonly files: readonly { readonly path: string; readonly description: string }[];
}

/** Those that are found first. */
export default defineQuestion('presets', (db, _: object, { optimizers, home, platform }): readonly AgentPresets[] => {
  const request = { optimizers, home, platform };
  return [...optimizers]
    .map(([id, optimizer]): AgentPresets => {
      const report = optimizationReport(db, id, optimizer, request);
      return {
        id,
        title: report.provider_name,
        isFound: report.detected,
        current: report.current_preset,
        presets: presetIds.map((preset) => ({
          id: preset,
          title: report.presets.find((each) => each.id === preset)?.title ?? preset,
          summary: optimizer.presets[preset].summary,
          tradeoff: optimizer.presets[preset].tradeoff,
          command: optimizer.presets[preset].command.join(' '),
          files: presetPreview(id, optimizer, preset, request).artifacts.map(({ path, description }) => ({
            path,
            description,
          })),
        })),
      };
    })
    .sort((a, b) => Number(b.isFound) - Number(a.isFound));
});
