import { describe, expect, it } from 'vitest';
import { modelKey, normalizeModelId, pricingIds } from '../../src/metrics/model-id.ts';

describe('a model name', () => {
  it.each([
    ['claude-opus-4.5', 'claude-opus-4-5'],
    ['Claude-Sonnet-4-5', 'claude-sonnet-4-5'],
    ['Claude Sonnet 4.5', 'claude-sonnet-4-5'],
    ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['openrouter/anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'claude-opus-4-5-20251101'],
    ['bedrock/eu.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-sonnet-4-20250514'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude-3-5-sonnet-20241022'],
    ['arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-sonnet-4-6', 'claude-sonnet-4-6'],
    ['claude-sonnet-4@20250514', 'claude-sonnet-4-20250514'],
    ['vertex_ai/claude-opus-4-5@default', 'claude-opus-4-5'],
    ['projects/p/locations/l/publishers/google/models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['claude-opus-4-6[1m]', 'claude-opus-4-6'],
    ['composer-2.5[fast=true]', 'composer-2.5-fast'],
    ['claude-4.5-sonnet', 'claude-sonnet-4-5'],
    ['claude-4-opus', 'claude-opus-4'],
    ['claude-sonnet-3.7', 'claude-3-7-sonnet'],
    ['claude-opus-4-0', 'claude-opus-4'],
    ['openai/gpt-5.1', 'gpt-5.1'],
    ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['azure/gpt-4o', 'gpt-4o'],
    ['ollama/deepseek-r1', 'ollama/deepseek-r1'],
    ['groq/llama-3.3-70b', 'groq/llama-3.3-70b'],
    ['gpt-5-2025-08-07', 'gpt-5-2025-08-07'],
    ['', ''],
  ])('%s is %s (W-13, W-20)', (name, id) => {
    expect(normalizeModelId(name)).toBe(id);
    expect(normalizeModelId(id)).toBe(id);
  });
});

describe('ids that may price a model', () => {
  it.each([
    ['claude-haiku-4-5-20251001', ['claude-haiku-4-5-20251001', 'claude-haiku-4-5']],
    ['gpt-5-2025-08-07', ['gpt-5-2025-08-07', 'gpt-5']],
    ['gemini-2.5-pro-preview-05-06', ['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro-preview', 'gemini-2.5-pro']],
    ['gemini-2.5-flash-preview-09-2025', ['gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash']],
    ['claude-3-5-haiku-latest', ['claude-3-5-haiku-latest', 'claude-3-5-haiku']],
    ['gemini-2.0-flash-001', ['gemini-2.0-flash-001', 'gemini-2.0-flash']],
    [
      'claude-sonnet-4-5-high-thinking',
      ['claude-sonnet-4-5-high-thinking', 'claude-sonnet-4-5-high', 'claude-sonnet-4-5'],
    ],
    ['gpt-5.2-xhigh', ['gpt-5.2-xhigh', 'gpt-5.2']],
  ])('%s drops dates, release tags and efforts', (id, ids) => {
    expect(pricingIds(id)).toEqual(ids);
  });

  it.each([
    'gpt-5.5',
    'o3-pro',
    'claude-opus-4-7',
    'gpt-5-mini',
    'gpt-4o-audio',
    'mistral-large-2512',
    'gpt-5.1-codex-max',
    'qwen3:8b',
    'gemini-2.5-pro-exp-03-25',
    'gemini-2.0-flash-exp',
    'deepseek-v3.2-exp',
    'gpt-5-05-20',
  ])('%s stands for itself only', (id) => {
    expect(pricingIds(id)).toEqual([id]);
  });

  it('treats dots and dashes alike', () => {
    expect(modelKey('gpt-5.1')).toBe(modelKey('gpt-5-1'));
  });
});
