import { type BudgetState, budgetState, paceOf } from '../metrics/budget.ts';
import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { Database } from '../store/driver.ts';
import { unpricedModels } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import { isoOf } from './build.ts';
import { usdOf } from './figures.ts';
import { type Remember, rememberNothing, untilNews } from './memory.ts';
import type { BudgetJson } from './shape.ts';
import { type Spending, spendingOf } from './spending.ts';

/** US dollars; 0 is no limit. */
export interface BudgetLimits {
  readonly daily_usd: number;
  readonly weekly_usd: number;
  readonly monthly_usd: number;
}

/** The `[budget]` section of the settings. */
export interface BudgetSettings extends BudgetLimits {
  readonly providers: Readonly<Record<string, BudgetLimits>>;
  readonly projects: Readonly<Record<string, BudgetLimits>>;
}

/** One budget as it stands: the whole, a provider's or a project's. */
export interface BudgetScope {
  readonly scope: 'all' | 'provider' | 'project';
  readonly name: string | undefined;
  readonly spending: Spending;
  readonly daily: BudgetState | undefined;
  readonly weekly: BudgetState | undefined;
  readonly monthly: BudgetState | undefined;
}

interface Calendar {
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly now: number;
  readonly remember?: Remember | undefined;
}

/** Every budget of the settings, the whole first, then providers and projects by name. */
export function budgetScopes(db: Database, settings: BudgetSettings, calendar: Calendar): readonly BudgetScope[] {
  const scopeOf = (scope: BudgetScope['scope'], name: string | undefined, limits: BudgetLimits): BudgetScope => {
    const spending = spendingOf(db, calendar, scope === 'all' || name === undefined ? {} : { [scope]: name });
    return {
      scope,
      name,
      spending,
      daily: budgetState(spending.today, nanoOf(limits.daily_usd)),
      weekly: budgetState(spending.week, nanoOf(limits.weekly_usd)),
      monthly: budgetState(spending.month, nanoOf(limits.monthly_usd)),
    };
  };
  const named = (scope: 'provider' | 'project', table: Readonly<Record<string, BudgetLimits>>) =>
    Object.entries(table)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, limits]) => scopeOf(scope, name, limits));
  return [
    scopeOf('all', undefined, settings),
    ...named('provider', settings.providers),
    ...named('project', settings.projects),
  ];
}

/** Budgets under their public names, amounts in USD. */
export function budgetJson(
  db: Database,
  settings: BudgetSettings,
  options: Calendar & { readonly asOf: number | null },
): BudgetJson {
  const { remember = rememberNothing } = options;
  const scopes = budgetScopes(db, settings, options);
  return {
    schema_version: 1,
    timezone: options.zone.name,
    generated_at: new Date(options.now).toISOString(),
    as_of: isoOf(options.asOf),
    over_budget: scopes.some(isOver),
    budgets: scopes.map((each) => ({
      scope: each.scope,
      name: each.name ?? null,
      daily: spellJson(each.spending.today, each.daily),
      weekly: spellJson(each.spending.week, each.weekly),
      monthly: spellJson(each.spending.month, each.monthly),
      projection: projectionJson(each),
    })),
    unpriced_models: [...remember(db, 'unpriced models', () => unpricedModels(db, everything, 'auto'), untilNews)],
  };
}

function isOver({ daily, weekly, monthly }: BudgetScope): boolean {
  return [daily, weekly, monthly].some((state) => state?.level === 'over');
}

function spellJson(spent: number, state: BudgetState | undefined): BudgetJson['budgets'][number]['daily'] {
  return {
    spent_usd: usdOf(spent),
    limit_usd: state === undefined ? null : usdOf(state.limitNanoUsd),
    used_pct: state?.usedPct ?? null,
    state: state?.level ?? 'none',
  };
}

function projectionJson({ spending, monthly }: BudgetScope): BudgetJson['budgets'][number]['projection'] {
  const { endOfDay, endOfMonth } = spending;
  const days = monthly === undefined ? undefined : spending.daysTo(monthly.limitNanoUsd);
  return {
    end_of_day_usd: endOfDay === undefined ? null : usdOf(Math.round(endOfDay)),
    month_usd: endOfMonth === undefined ? null : usdOf(Math.round(endOfMonth)),
    days_to_monthly_limit: days ?? null,
    pace: monthly === undefined || endOfMonth === undefined ? null : paceOf(endOfMonth, monthly.limitNanoUsd),
  };
}

function nanoOf(usd: number): number {
  return Math.round(usd * 1e9);
}
