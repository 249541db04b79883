import { defineOptimizer, type PresetId } from '../optimizer.ts';

interface Settings {
  readonly model: string;
  readonly turns: number;
  readonly compressAt: number;
  readonly shellTokens: number;
  readonly folders: number;
  readonly recursive: boolean;
}

function preset(
  id: PresetId,
  settings: Settings,
  words: { readonly summary: string; readonly tradeoff: string; readonly optimizations: readonly string[] },
) {
  const path = `.scopeon/optimizer/gemini-cli/${id}.settings.json`;
  const content = {
    model: {
      name: settings.model,
      maxSessionTurns: settings.turns,
      chatCompression: { contextPercentageThreshold: settings.compressAt },
      summarizeToolOutput: { run_shell_command: { tokenBudget: settings.shellTokens } },
    },
    context: {
      discoveryMaxDirs: settings.folders,
      fileFiltering: {
        respectGitIgnore: true,
        respectGeminiIgnore: true,
        enableRecursiveFileSearch: settings.recursive,
      },
    },
  };
  return {
    ...words,
    command: ['gemini'],
    env: { GEMINI_CLI_SYSTEM_SETTINGS_PATH: `~/${path}` },
    config: {
      path,
      description: 'Settings the launcher lays over yours',
      content: `${JSON.stringify(content, null, 2)}\n`,
    },
  };
}

export default defineOptimizer({
  title: 'Gemini CLI',
  aliases: ['gemini'],
  support: 'config_and_launch',
  configPath: '.gemini/settings.json',
  summary: 'A file of settings of its own, and a launcher that lays it over yours.',
  notes: ['Your own settings are not changed.'],
  docs: ['https://geminicli.com/docs/get-started/configuration'],
  presets: {
    'most-savings': preset(
      'most-savings',
      { model: 'gemini-2.5-flash', turns: 12, compressAt: 0.55, shellTokens: 600, folders: 80, recursive: false },
      {
        summary: 'Flash, early compression, short output of the shell',
        tradeoff: 'Forgets sooner; sessions end after 12 turns',
        optimizations: ['cheaper model', 'early compression', 'short shell output', 'fewer files'],
      },
    ),
    balanced: preset(
      'balanced',
      { model: 'gemini-2.5-pro', turns: 20, compressAt: 0.65, shellTokens: 1_200, folders: 120, recursive: true },
      {
        summary: 'Pro with moderate compression',
        tradeoff: 'Sessions end after 20 turns',
        optimizations: ['moderate compression', 'shorter shell output'],
      },
    ),
    'most-speed': preset(
      'most-speed',
      { model: 'gemini-2.5-flash', turns: 16, compressAt: 0.5, shellTokens: 400, folders: 60, recursive: false },
      {
        summary: 'Flash with little to read',
        tradeoff: 'Sees less of the project and of what commands print',
        optimizations: ['quick model', 'early compression', 'short shell output', 'fewer files'],
      },
    ),
    'most-power': preset(
      'most-power',
      { model: 'gemini-2.5-pro', turns: -1, compressAt: 0.8, shellTokens: 2_000, folders: 200, recursive: true },
      {
        summary: 'Pro with a full context and no end of turns',
        tradeoff: 'The dearest: long contexts are sent again with each turn',
        optimizations: ['late compression', 'whole project'],
      },
    ),
  },
});
