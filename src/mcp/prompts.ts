export interface Prompt {
  readonly description: string;
  readonly text: string;
}

/** What a user may ask an agent to do with these figures. */
export const prompts: Readonly<Record<string, Prompt>> = {
  usage_report: {
    description: 'Report tokens, cost and limits of today and this week',
    text: 'Call get_cost_summary, get_budget_status and get_usage_limits of scopeon. Report in a short table what today and this week cost, how far the limits are used and when they reset. Say which figures are unpriced or estimated.',
  },
  compact_advice: {
    description: 'Advise whether to compact the context now',
    text: 'Call suggest_compact and get_context_pressure of scopeon. Tell me in two sentences whether to compact now and why, and what of our work should be kept in the summary.',
  },
  cost_review: {
    description: 'Review what made this session dear and what to change',
    text: 'Call get_session_detail, get_waste_signals and get_optimization_suggestions of scopeon. Name the three things that cost most in this session, each with its figure, and what to do differently. Claim nothing the figures do not show.',
  },
};
