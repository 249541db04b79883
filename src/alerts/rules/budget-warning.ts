import type { BudgetState } from '../../metrics/budget.ts';
import type { BudgetScope } from '../../report/budget.ts';
import { defineRule, type Finding } from '../rule.ts';

/** One for each budget: `daily`, `weekly`, `monthly` of the whole, and those of a provider or a project. */
export default defineRule({
  summary: 'A budget is nearly used up (90 %), or over',
  evaluate: ({ budgets }) =>
    budgets.flatMap((budget) =>
      (['daily', 'weekly', 'monthly'] as const).flatMap((span) => {
        const state = budget[span];
        return state === undefined || state.level === 'ok' ? [] : [finding(budget, span, state)];
      }),
    ),
});

function finding(budget: BudgetScope, span: 'daily' | 'weekly' | 'monthly', state: BudgetState): Finding {
  const over = state.level === 'over';
  const spent = state.spentNanoUsd / 1e9;
  const limit = state.limitNanoUsd / 1e9;
  const whose = budget.scope === 'all' ? '' : ` of a ${budget.scope}`;
  return {
    // The name tells budgets apart in the state; only whoever asked for names is sent it.
    scope: budget.scope === 'all' ? span : `${budget.scope}:${budget.name ?? ''}:${span}`,
    severity: over ? 'critical' : 'warning',
    message: over
      ? `The ${span} budget${whose} is exceeded: $${spent.toFixed(2)} of $${limit.toFixed(2)}.`
      : `${Math.floor(state.usedPct)} % of the ${span} budget${whose} is spent: $${spent.toFixed(2)} of $${limit.toFixed(2)}.`,
    fields: {
      spent,
      limit,
      scope: budget.scope === 'all' ? span : budget.scope,
      period: span,
      daily_spent: span === 'daily' ? spent : budget.spending.today / 1e9,
      daily_limit: budget.daily === undefined ? 0 : budget.daily.limitNanoUsd / 1e9,
      over_budget: over,
    },
    provider: budget.scope === 'provider' ? budget.name : undefined,
  };
}
