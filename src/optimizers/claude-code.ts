import { defineOptimizer } from '../optimizer.ts';

const steady = '--exclude-dynamic-system-prompt-sections';

export default defineOptimizer({
  title: 'Claude Code',
  aliases: ['claude'],
  support: 'launch_only',
  configPath: undefined,
  summary: 'Model, effort and permissions by how claude is started; settings stay as they are.',
  notes: ['A system prompt without changing parts keeps the cache of earlier sessions valid.'],
  docs: ['https://docs.claude.com/en/docs/claude-code/cli-reference'],
  presets: {
    'most-savings': {
      summary: 'The cheapest model at low effort, planning before it acts',
      tradeoff: 'Weaker on hard tasks; every change waits for your approval of the plan',
      command: [
        'claude',
        '--model',
        'claude-haiku-4-5',
        '--effort',
        'low',
        '--permission-mode',
        'plan',
        '--bare',
        steady,
      ],
      optimizations: ['cheapest model', 'low effort', 'small system prompt', 'steady cache'],
    },
    balanced: {
      summary: 'Sonnet at medium effort',
      tradeoff: 'Neither the cheapest nor the strongest',
      command: ['claude', '--model', 'claude-sonnet-4-5', '--effort', 'medium', '--permission-mode', 'default', steady],
      optimizations: ['medium effort', 'steady cache'],
    },
    'most-speed': {
      summary: 'Sonnet at low effort, without asking for each edit',
      tradeoff: 'Acts by itself within its sandbox: look at what it did',
      command: [
        'claude',
        '--model',
        'claude-sonnet-4-5',
        '--effort',
        'low',
        '--permission-mode',
        'auto',
        '--bare',
        steady,
      ],
      optimizations: ['low effort', 'fewer questions', 'small system prompt', 'steady cache'],
    },
    'most-power': {
      summary: 'Opus at high effort, without asking for each edit',
      tradeoff: 'The dearest; acts by itself within its sandbox',
      command: ['claude', '--model', 'claude-opus-4-7', '--effort', 'high', '--permission-mode', 'auto', steady],
      optimizations: ['strongest model', 'high effort', 'steady cache'],
    },
  },
});
