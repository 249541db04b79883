/** Who and what appears in the made-up logs. Names only; none of it stands for anything real. */

export interface DemoModel {
  readonly name: string;
  readonly weight: number;
  /** The conversation is compacted when its next request would be larger, in tokens. */
  readonly compactAt: number;
  /** Logs tell how many of the output tokens were reasoning. */
  readonly tellsReasoning: boolean;
  /** Served by a gateway: ids of its own making, no cache. */
  readonly gateway: boolean;
}

export const models = {
  opus: { name: 'claude-opus-5-5', weight: 44, compactAt: 240_000, tellsReasoning: true, gateway: false },
  sonnet: { name: 'claude-sonnet-5-5', weight: 26, compactAt: 240_000, tellsReasoning: true, gateway: false },
  sonnetBefore: { name: 'claude-sonnet-4-5', weight: 16, compactAt: 176_000, tellsReasoning: false, gateway: false },
  haiku: { name: 'claude-haiku-4-5', weight: 8, compactAt: 170_000, tellsReasoning: false, gateway: false },
  /** No table prices it. */
  local: { name: 'demo-local-coder', weight: 6, compactAt: 110_000, tellsReasoning: false, gateway: true },
} as const satisfies Readonly<Record<string, DemoModel>>;

export const everyModel: readonly [DemoModel, ...DemoModel[]] = [
  models.opus,
  models.sonnet,
  models.sonnetBefore,
  models.haiku,
  models.local,
];

export interface DemoProject {
  /** Name of its folder below the code folder. */
  readonly folder: string;
  readonly weight: number;
  readonly branches: readonly [string, ...string[]];
  /** `worktree`: of the project `of`. */
  readonly kind: 'repository' | 'worktree' | 'plain';
  readonly of?: string;
}

export const storefront = {
  folder: 'storefront',
  weight: 30,
  branches: ['main', 'feature/checkout', 'fix/cart-total'],
  kind: 'repository',
} as const satisfies DemoProject;

export const storefrontSearch = {
  folder: 'storefront-search',
  weight: 12,
  branches: ['feature/search'],
  kind: 'worktree',
  of: 'storefront',
} as const satisfies DemoProject;

export const billing = {
  folder: 'billing-api',
  weight: 24,
  branches: ['main', 'feature/invoices', 'chore/upgrade'],
  kind: 'repository',
} as const satisfies DemoProject;

export const everyProject: readonly [DemoProject, ...DemoProject[]] = [
  storefront,
  storefrontSearch,
  billing,
  { folder: 'data-pipeline', weight: 16, branches: ['main', 'feature/backfill'], kind: 'repository' },
  { folder: 'infra', weight: 11, branches: ['main'], kind: 'repository' },
  { folder: 'scratch', weight: 7, branches: [''], kind: 'plain' },
];

export interface DemoTool {
  readonly name: string;
  readonly weight: number;
  /** Tokens its result adds to the conversation, at least and at most. */
  readonly result: readonly [number, number];
  /** What an agent or skill call names. */
  readonly targets?: readonly [string, ...string[]];
}

export const tools: readonly [DemoTool, ...DemoTool[]] = [
  { name: 'Read', weight: 30, result: [400, 6_500] },
  { name: 'Bash', weight: 22, result: [60, 2_600] },
  { name: 'Edit', weight: 18, result: [80, 700] },
  { name: 'Grep', weight: 12, result: [50, 1_800] },
  { name: 'Glob', weight: 4, result: [40, 500] },
  { name: 'Write', weight: 5, result: [40, 200] },
  { name: 'TodoWrite', weight: 4, result: [60, 160] },
  { name: 'WebFetch', weight: 2, result: [600, 4_000] },
  { name: 'mcp__github__get_pull_request', weight: 3, result: [500, 5_000] },
  { name: 'mcp__github__search_issues', weight: 2, result: [700, 7_000] },
  { name: 'mcp__postgres__query', weight: 3, result: [100, 3_000] },
  { name: 'mcp__playwright__browser_click', weight: 2, result: [900, 8_000] },
  { name: 'Skill', weight: 2, result: [300, 1_500], targets: ['release-notes', 'code-style', 'changelog'] },
];

export const agentTypes = ['Explore', 'code-reviewer', 'test-runner', 'general-purpose'] as const;
