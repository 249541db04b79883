import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type OptimizerModule, type PresetId, presetIds } from '../optimizer.ts';
import type { Database } from '../store/driver.ts';
import { hasSessionOf } from '../store/queries/provider-use.ts';

/** What optimisations are asked with. */
export interface OptimizationRequest {
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

const presetAliases: Readonly<Record<string, PresetId>> = {
  savings: 'most-savings',
  balance: 'balanced',
  speed: 'most-speed',
  power: 'most-power',
};
const titles: Readonly<Record<PresetId, string>> = {
  'most-savings': 'Most savings',
  balanced: 'Balanced',
  'most-speed': 'Most speed',
  'most-power': 'Most power',
};
const launcherFolder = '.scopeon/launchers';

/** The optimizer called so, in any letter case; undefined: there is none. */
export function optimizerNamed(
  optimizers: OptimizationRequest['optimizers'],
  name: string,
): readonly [string, OptimizerModule] | undefined {
  const wanted = name.toLowerCase();
  return [...optimizers].find(([id, { aliases }]) => id === wanted || aliases.includes(wanted));
}

export function presetNamed(name: string): PresetId | undefined {
  const wanted = name.toLowerCase();
  return (
    presetIds.find((id) => id === wanted) ?? (Object.hasOwn(presetAliases, wanted) ? presetAliases[wanted] : undefined)
  );
}

/** What can be set for an agent. Paths begin with `~`. Without a store no agent was seen yet. */
export function optimizationReport(
  db: Database | undefined,
  id: string,
  optimizer: OptimizerModule,
  request: OptimizationRequest,
) {
  return {
    provider_id: id,
    provider_name: optimizer.title,
    detected: db !== undefined && hasSessionOf(db, id),
    support: optimizer.support,
    config_path: optimizer.configPath === undefined ? null : `~/${optimizer.configPath}`,
    launcher_dir: `~/${launcherFolder}`,
    current_preset: currentPreset(id, request),
    summary: optimizer.summary,
    notes: optimizer.notes,
    docs: optimizer.docs,
    presets: presetIds.map((preset) => {
      const { summary, tradeoff, command, config, optimizations } = optimizer.presets[preset];
      return {
        id: preset,
        title: titles[preset],
        summary,
        tradeoff,
        config_strategy: strategyOf(config?.path, optimizer.configPath),
        command_preview: command.join(' '),
        optimizations,
      };
    }),
  };
}

/** What applying a preset would write. Nothing is written. */
export function presetPreview(id: string, optimizer: OptimizerModule, preset: PresetId, request: OptimizationRequest) {
  const { command, env = {}, config, tradeoff } = optimizer.presets[preset];
  const launcher = `${launcherFolder}/${launcherName(id, preset, request.platform)}`;
  return {
    provider_id: id,
    provider_name: optimizer.title,
    preset_id: preset,
    support: optimizer.support,
    launcher_path: `~/${launcher}`,
    launch_command: command.join(' '),
    artifacts: [
      {
        kind: 'launcher',
        path: `~/${launcher}`,
        description: `Starts ${optimizer.title} so`,
        content: request.platform === 'win32' ? batchFile(command, env) : shellScript(command, env),
      },
      ...(config === undefined
        ? []
        : [{ kind: 'config', path: `~/${config.path}`, description: config.description, content: config.content }]),
    ],
    warnings: [tradeoff],
  };
}

/** `profile`: a file beside the agent's own settings that it finds by name; `overlay`: one that the launcher names. */
function strategyOf(path: string | undefined, settings: string | undefined): 'none' | 'profile' | 'overlay' {
  if (path === undefined) return 'none';
  return settings !== undefined && posix.dirname(path) === posix.dirname(settings) ? 'profile' : 'overlay';
}

/** The preset whose launcher is there; null: none, or several. */
function currentPreset(id: string, { home, platform }: OptimizationRequest): PresetId | null {
  const there = presetIds.filter((preset) =>
    existsSync(join(home, launcherFolder, launcherName(id, preset, platform))),
  );
  return there.length === 1 ? (there[0] ?? null) : null;
}

function launcherName(id: string, preset: PresetId, platform: NodeJS.Platform): string {
  return `${id}-${preset}${platform === 'win32' ? '.cmd' : ''}`;
}

function shellScript(command: readonly string[], env: Readonly<Record<string, string>>): string {
  const settings = Object.entries(env).map(([name, value]) => `export ${name}="${value.replace(/^~/, '$HOME')}"\n`);
  return `#!/usr/bin/env bash\nset -euo pipefail\n${settings.join('')}exec ${command.join(' ')} "$@"\n`;
}

function batchFile(command: readonly string[], env: Readonly<Record<string, string>>): string {
  const settings = Object.entries(env).map(
    ([name, value]) => `set "${name}=${value.replace(/^~/, '%USERPROFILE%').replaceAll('/', '\\')}"\r\n`,
  );
  return `@echo off\r\n${settings.join('')}${command.join(' ')} %*\r\n`;
}
