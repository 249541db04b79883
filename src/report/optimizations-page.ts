import { displaySafe, displayWidth, padToWidth, truncateToWidth } from '../display.ts';
import type { optimizationReport, presetPreview } from './optimizations.ts';
import type { Palette } from './palette.ts';
import { wrap } from './wrap.ts';

interface PageOptions {
  readonly width: number;
  readonly palette: Palette;
}

export type Optimization = ReturnType<typeof optimizationReport>;

/** Agents and the preset each is started with, a line each. No line is wider than `width`. */
export function renderOptimizations(all: readonly Optimization[], { width, palette }: PageOptions): string {
  const rows = all.map((each) => [
    each.provider_name,
    each.detected ? 'found' : 'not found',
    each.support === 'launch_only' ? 'launcher' : 'launcher and settings',
    each.current_preset ?? 'no preset',
    each.config_path ?? '',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))) + 2);
  const lines = rows.map((row) => {
    const text = row.map((cell, column) => padToWidth(cell, widths[column] ?? 0)).join('');
    return ` ${truncateToWidth(text.trimEnd(), width - 2)}`;
  });
  return `\n ${palette.bold(truncateToWidth('Presets of agents', width - 2))}\n\n${lines.join('\n')}\n\n`;
}

/** What each preset of an agent does and what it takes. */
export function renderPresets(
  { provider_name, summary, presets, notes, docs }: Optimization,
  options: PageOptions,
): string {
  const { palette } = options;
  const width = Math.max(24, Math.min(options.width, 100));
  const lines = (text: string, indent: string): readonly string[] =>
    wrap(text.split(' '), width - indent.length - 1).map((line) => indent + line);
  const blocks = presets.map((preset) =>
    [
      ` ${palette.bold(truncateToWidth(`${preset.title} (${preset.id})`, width - 2))}`,
      ...lines(preset.summary, '   '),
      ...lines(`But: ${preset.tradeoff}`, '   '),
      `   ${palette.dim(truncateToWidth(preset.command_preview, width - 4))}`,
    ].join('\n'),
  );
  const head = [
    ` ${palette.bold(provider_name)}`,
    ...lines(summary, ' '),
    ...notes.flatMap((note) => lines(note, ' ')),
  ];
  const links = docs.map((page) => ` ${palette.dim(truncateToWidth(page, width - 2))}`);
  return `\n${head.join('\n')}\n\n${blocks.join('\n\n')}\n\n${links.join('\n')}\n\n`;
}

/** Everything a preset would write, in whole. */
export function renderPreview(preview: ReturnType<typeof presetPreview>, { palette }: PageOptions): string {
  const files = preview.artifacts.map(
    ({ path, description, content }) =>
      ` ${palette.bold(path)}  ${palette.dim(description)}\n\n${content
        .split(/\r?\n/)
        .map((line) => `   ${displaySafe(line, 4096)}`.trimEnd())
        .join('\n')
        .trimEnd()}`,
  );
  const warnings = preview.warnings.map((warning) => ` ${palette.yellow('!')} ${warning}`);
  return `\n${[...files, ...warnings].join('\n\n')}\n\n`;
}
