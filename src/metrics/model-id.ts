/**
 * One spelling per model: lower case, without the way it was reached (`openrouter/anthropic/…`, `us.anthropic.…-v1:0`,
 * `models/…`) and without a window hint (`[1m]`). Claude names take dashes and family first (`claude-opus-4-5`).
 * A date stays: a dated snapshot may have a price of its own. A router we do not know stays too, so that
 * `ollama/deepseek-r1` is never taken for the vendor's paid model.
 */
export function normalizeModelId(name: string): string {
  let id = name.trim().toLowerCase().replace(/\s+/g, '-');
  id = id
    .replace(/^arn:[^/]*\//, '')
    .replace(/\[fast=true\]$/, '-fast')
    .replace(/\[[^\]]*\]$/, '');
  id = id.replace(/^projects\/.*\/models\//, '').replace(/^publishers\/[^/]+\/models\//, '');
  for (let next = stripRoute(id); next !== id; next = stripRoute(id)) id = next;
  id = id.replace(/@(\d{8})$/, '-$1').replace(/@(default|latest)$/, '');
  id = id.replace(/^(claude-.*?)-v\d+(:\d+)*(:\d+k)?$/, '$1').replace(/-v\d+:\d+(:\d+k)?$/, '');
  return id.startsWith('claude') ? normalizeClaude(id) : id;
}

/** Spelling to look up by: `gpt-5.1` and `gpt-5-1` are one model. */
export function modelKey(id: string): string {
  return id.replaceAll('.', '-');
}

/**
 * Ids under which a model's price may be filed, best first: itself, then without a date or release tag, then without a
 * reasoning effort. What is left over is never a version, a size or a variant, so `gpt-5` does not answer for `gpt-5.5`,
 * nor `o3` for `o3-pro`, nor `gpt-4o` for `gpt-4o-audio`.
 */
export function pricingIds(id: string): readonly string[] {
  const ids = [id];
  for (let rest = stripTag(id); rest !== undefined; rest = stripTag(rest)) ids.push(rest);
  return ids;
}

const routes =
  /^(?:models|anthropic|openai|google|gemini|vertex|vertex_ai|vertexai|google-vertex|google-vertex-anthropic|bedrock|amazon-bedrock|aws|azure|azure_ai|openrouter|github|github-copilot|github_copilot|copilot|x-ai|xai|deepseek|mistral|mistralai|moonshot|moonshotai|minimax|z-ai|zai|zai-org|zhipuai|qwen|dashscope|cohere|amazon|cursor)\//;
const bedrock =
  /^(?:(?:us|us-gov|eu|apac|au|jp|ca|in|sa|global)\.(?=[a-z]+\.))?(?:anthropic|openai|amazon|deepseek|google|mistral|moonshot|moonshotai|minimax|zai|qwen|cohere)\./;

function stripRoute(id: string): string {
  return id.replace(routes, '').replace(bedrock, '');
}

/** `claude-4.5-sonnet`, `claude-sonnet-3-7` and `claude-opus-4-0` as Anthropic writes them. */
function normalizeClaude(id: string): string {
  return modelKey(id)
    .replace(
      /^claude-(\d{1,2}(?:-\d{1,2})?)-(opus|sonnet|haiku|fable)(?=-|$)/,
      (whole, version: string, family: string) =>
        Number.parseInt(version, 10) >= 4 ? `claude-${family}-${version}` : whole,
    )
    .replace(/^claude-(opus|sonnet|haiku)-(3(?:-\d)?)(?=-|$)/, 'claude-$2-$1')
    .replace(/^(claude-[a-z]+-\d{1,2})-0(?=-|$)/, '$1');
}

/**
 * Release tags: `-20250929`, `-2025-08-07`, `-latest`, `-preview`, `-preview-05-06` (which may have the price of
 * `-preview`), `-preview-09-2025`, `-001`. An experimental model (`-exp`) has no price of its release: it is billed not at
 * all, or on its own.
 */
const releaseTag =
  /-(?:20\d{6}|20\d\d-\d\d-\d\d|latest|(?<=-preview-)\d\d-\d\d|preview(?:-\d\d-20\d\d|-customtools)?|00\d)$/;
/** Effort is a setting, not a model; only where vendors price all efforts alike. */
const claudeEffort = /^(claude-.+?)-(?:thinking|low|medium|high|xhigh|max)$/;
const openaiEffort = /^((?:gpt-[5-9]|o\d).*?)-(?:none|minimal|low|medium|high|xhigh)$/;

function stripTag(id: string): string | undefined {
  const tagless = id.replace(releaseTag, '');
  if (tagless !== id) return tagless;
  return claudeEffort.exec(id)?.[1] ?? openaiEffort.exec(id)?.[1];
}
