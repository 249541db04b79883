import { join } from 'node:path';
import { type CommandContext, defineCommand } from '../command.ts';
import { displaySafe } from '../display.ts';
import { exitCode, ScopeonError } from '../errors.ts';
import { loadMembers } from '../members.ts';
import { type OptimizerModule, type PresetId, presetIds } from '../optimizer.ts';
import { paletteFor } from '../report/palette.ts';
import { wantsColour, widthOf } from '../report-command.ts';

export default defineCommand({
  summary: 'start an agent cheaper, quicker or stronger: presets, what they write, and taking them out again',
  arguments: [{ name: '<what>', description: 'scan, explain, preview, apply or revert' }],
  examples: [
    { line: 'scopeon optimize scan', shows: 'every agent with a preset, and which is in use' },
    { line: 'scopeon optimize explain --provider claude-code', shows: 'what its presets do and what they cost you' },
    {
      line: 'scopeon optimize preview --provider codex --preset balanced',
      shows: 'every file it would write, in whole',
    },
    {
      line: 'scopeon optimize apply --provider codex --preset balanced',
      shows: 'writes them; others of your files stay',
    },
    { line: 'scopeon optimize revert --provider codex', shows: 'takes them out again' },
  ],
  options: (command) =>
    void command
      .option('--provider <name>', 'only this agent (default: those found, or all when none is)')
      .option('--preset <name>', `one of ${presetIds.join(', ')}`)
      .option('--json', 'print JSON'),
  run: async (context, [what], options) => {
    const asked = await loadAsked(context, options);
    switch (what) {
      case 'scan':
      case 'explain':
        return tell(context, asked, what, options.json === true);
      case 'preview':
        return preview(context, asked, presetOf(options.preset), options.json === true);
      case 'apply':
        return applyPreset(context, asked, presetOf(options.preset), options.json === true);
      case 'revert':
        return revert(context, asked);
      default:
        throw new ScopeonError(
          'usage',
          `There is nothing called "${displaySafe(what ?? '', 64)}" to do with presets.`,
          {
            hint: 'Choose scan, explain, preview, apply or revert.',
          },
        );
    }
  },
});

type Report = typeof import('../report/optimizations.ts');

interface Asked {
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  /** Those meant, by what was asked or what was found. */
  readonly meant: readonly (readonly [string, OptimizerModule])[];
  readonly reports: readonly ReturnType<Report['optimizationReport']>[];
  readonly report: Report;
}

async function loadAsked(context: CommandContext, options: Readonly<Record<string, unknown>>): Promise<Asked> {
  const [report, { openReader }, optimizers, { paths }] = await Promise.all([
    import('../report/optimizations.ts'),
    import('../store/open.ts'),
    loadMembers<OptimizerModule>('optimizers'),
    context.config(),
  ]);
  const db = openReader(paths);
  try {
    const request = requestOf(context, optimizers);
    const reports = [...optimizers].map(([id, optimizer]) => report.optimizationReport(db, id, optimizer, request));
    const found = reports.filter((each) => each.detected).map((each) => each.provider_id);
    const wanted = options.provider as string | undefined; // as declared
    const named = wanted === undefined ? undefined : report.optimizerNamed(optimizers, wanted);
    if (wanted !== undefined && named === undefined)
      throw new ScopeonError('usage', `"${displaySafe(wanted, 64)}" has no presets.`, {
        hint: `Choose one of ${[...optimizers.keys()].join(', ')}.`,
      });
    const meant =
      named === undefined ? [...optimizers].filter(([id]) => found.length === 0 || found.includes(id)) : [named];
    return { optimizers, meant, reports, report };
  } finally {
    db?.close();
  }
}

function requestOf({ home }: CommandContext, optimizers: Asked['optimizers']) {
  return { optimizers, home, platform: process.platform };
}

function presetOf(name: unknown): (report: Report) => PresetId {
  return (report) => {
    const found = typeof name === 'string' ? report.presetNamed(name) : undefined;
    if (found !== undefined) return found;
    const words = name === undefined ? 'Say which preset.' : `There is no preset "${displaySafe(String(name), 64)}".`;
    throw new ScopeonError('usage', words, { hint: `--preset takes one of ${presetIds.join(', ')}.` });
  };
}

function pageOf(context: CommandContext) {
  return { width: widthOf(context), palette: paletteFor(wantsColour(context)) };
}

function printJson({ stdout }: CommandContext, answer: object): number {
  stdout.write(`${JSON.stringify({ schema_version: 1, ...answer }, null, 2)}\n`);
  return exitCode.ok;
}

async function tell(
  context: CommandContext,
  { meant, reports }: Asked,
  what: 'scan' | 'explain',
  asJson: boolean,
): Promise<number> {
  const ids = new Set(meant.map(([id]) => id));
  const shown = what === 'scan' ? reports : reports.filter((each) => ids.has(each.provider_id));
  if (asJson) return printJson(context, { providers: shown });
  const { renderOptimizations, renderPresets } = await import('../report/optimizations-page.ts');
  const page = pageOf(context);
  context.stdout.write(
    what === 'scan' ? renderOptimizations(shown, page) : shown.map((each) => renderPresets(each, page)).join(''),
  );
  return exitCode.ok;
}

function previews(context: CommandContext, { meant, report, optimizers }: Asked, preset: PresetId) {
  const request = requestOf(context, optimizers);
  return meant.map(([id, optimizer]) => report.presetPreview(id, optimizer, preset, request));
}

async function preview(
  context: CommandContext,
  asked: Asked,
  preset: (report: Report) => PresetId,
  asJson: boolean,
): Promise<number> {
  const shown = previews(context, asked, preset(asked.report));
  if (asJson) return printJson(context, { previews: shown });
  const { renderPreview } = await import('../report/optimizations-page.ts');
  context.stdout.write(shown.map((each) => renderPreview(each, pageOf(context))).join(''));
  return exitCode.ok;
}

/** Writes the files of a preset; of an agent's other presets the launchers that are as we wrote them go, so that one is in use. */
async function applyPreset(
  context: CommandContext,
  asked: Asked,
  preset: (report: Report) => PresetId,
  asJson: boolean,
): Promise<number> {
  const id = preset(asked.report);
  const { writePresetFile } = await import('../registration/preset-files.ts');
  const applied = [];
  for (const { artifacts, ...told } of previews(context, asked, id)) {
    const written = artifacts.map((file) => writePresetFile(file, context));
    const others = presetIds.filter((each) => each !== id);
    await removeFiles(context, { ...asked, meant: asked.meant.filter(([each]) => each === told.provider_id) }, others);
    const files = written.map(({ path }) => path);
    applied.push({ ...told, files_written: files });
    if (asJson) continue;
    context.stdout.write(`${told.provider_name}: ${displaySafe(files.join(', '), 2_048)}\n`);
    for (const { backup } of written)
      if (backup !== undefined) context.stdout.write(`What was there before: ${displaySafe(backup, 2_048)}\n`);
    const [launcher] = files;
    context.stdout.write(`Start it by ${displaySafe(launcher ?? '', 2_048)}\n`);
    for (const warning of told.warnings) context.stdout.write(`! ${warning}\n`);
  }
  await note(context, new Map(applied.map(({ provider_id }) => [provider_id, id])));
  return asJson ? printJson(context, { applied }) : exitCode.ok;
}

/** Which preset each agent has stands in the configuration; undefined: none any more. */
async function note(
  { config: load }: CommandContext,
  changed: ReadonlyMap<string, PresetId | undefined>,
): Promise<void> {
  const { config, paths } = await load();
  const { notePresets } = await import('../registration/preset-files.ts');
  const presets = { ...config.optimizer.applied_presets };
  for (const [id, preset] of changed) {
    if (preset === undefined) delete presets[id];
    else presets[id] = preset;
  }
  notePresets(paths.config ?? join(paths.home, 'config.toml'), presets);
}

async function revert(context: CommandContext, asked: Asked): Promise<number> {
  const { removed, kept } = await removeFiles(context, asked, presetIds);
  for (const path of removed) context.stdout.write(`Taken out: ${displaySafe(path, 2_048)}\n`);
  for (const path of kept) context.stdout.write(`Left, for it was edited: ${displaySafe(path, 2_048)}\n`);
  if (removed.length > 0) await note(context, new Map(asked.meant.map(([id]) => [id, undefined])));
  if (removed.length + kept.length === 0) context.stdout.write('No preset is in use.\n');
  return exitCode.ok;
}

async function removeFiles(
  context: CommandContext,
  asked: Asked,
  presets: readonly PresetId[],
): Promise<{ readonly removed: readonly string[]; readonly kept: readonly string[] }> {
  const { removePresetFile } = await import('../registration/preset-files.ts');
  const removed: string[] = [];
  const kept: string[] = [];
  for (const file of presets.flatMap((preset) => previews(context, asked, preset)).flatMap((each) => each.artifacts)) {
    const found = removePresetFile(file, context);
    if (found !== undefined) (found.isKept ? kept : removed).push(found.path);
  }
  return { removed, kept };
}
