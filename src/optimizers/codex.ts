import { stringify } from 'smol-toml';
import { defineOptimizer, type PresetId } from '../optimizer.ts';

const configPath = '.codex/config.toml';

function preset(
  id: PresetId,
  settings: Readonly<Record<string, string>>,
  words: { readonly summary: string; readonly tradeoff: string; readonly optimizations: readonly string[] },
) {
  const name = `scopeon-${id}`;
  return {
    ...words,
    command: ['codex', '--profile', name],
    // Since 0.169 at the latest a profile is a file of its own, and one within config.toml is refused.
    config: {
      path: `.codex/${name}.config.toml`,
      description: 'A profile beside the settings, which stay as they are',
      content: `${stringify(settings)}\n`,
    },
  };
}

export default defineOptimizer({
  title: 'Codex CLI',
  aliases: ['codex-cli', 'openai-codex-cli'],
  support: 'config_and_launch',
  configPath,
  summary: 'A profile of its own beside the settings, and a launcher that takes it.',
  notes: ['Cached web search costs no request of its own.'],
  docs: ['https://developers.openai.com/codex/config-reference'],
  presets: {
    'most-savings': preset(
      'most-savings',
      {
        model: 'gpt-5.4-mini',
        approval_policy: 'on-request',
        default_permissions: ':workspace',
        web_search: 'cached',
        model_reasoning_effort: 'low',
      },
      {
        summary: 'The small model at low effort',
        tradeoff: 'Weaker on hard tasks',
        optimizations: ['cheaper model', 'low effort', 'cached search'],
      },
    ),
    balanced: preset(
      'balanced',
      { model: 'gpt-5.4', approval_policy: 'on-request', web_search: 'cached', model_reasoning_effort: 'medium' },
      {
        summary: 'The full model at medium effort',
        tradeoff: 'Neither the cheapest nor the strongest',
        optimizations: ['cached search'],
      },
    ),
    'most-speed': preset(
      'most-speed',
      {
        model: 'gpt-5.4-mini',
        approval_policy: 'never',
        web_search: 'cached',
        model_reasoning_effort: 'minimal',
        service_tier: 'fast',
      },
      {
        summary: 'The small model at minimal effort in the fast tier, without asking',
        tradeoff: 'The fast tier costs more per token; acts by itself within its sandbox',
        optimizations: ['fast tier', 'minimal effort', 'fewer questions'],
      },
    ),
    'most-power': preset(
      'most-power',
      { model: 'gpt-5.4', approval_policy: 'never', web_search: 'live', model_reasoning_effort: 'high' },
      {
        summary: 'The full model at high effort with live search, without asking',
        tradeoff: 'The dearest; acts by itself within its sandbox',
        optimizations: ['high effort', 'live search', 'fewer questions'],
      },
    ),
  },
});
