import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientModule } from './client.ts';
import type { CommandContext } from './command.ts';
import type { LoadedConfig } from './config.ts';
import { tildePath } from './display.ts';
import { ScopeonError } from './errors.ts';
import { loadMembers } from './members.ts';
import { shellOf } from './shell-hook.ts';
import type { Offer, OfferPlan, WrongField } from './tui/offer.ts';

/**
 * True once for each of our directories: then the mark that it was is left there. False, too, where no mark can be left:
 * rather never than again and again.
 */
export function takeFirstStart(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, 'onboarded'), '1\n', { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    return false; // most often because it is there
  }
}

/** What a first start can set up here. `found`: directories of logs by the provider that reads them. */
export async function firstOffers(
  context: CommandContext,
  loaded: LoadedConfig,
  found: ReadonlyMap<string, readonly string[]>,
): Promise<readonly Offer[]> {
  const clients = [...(await loadMembers<ClientModule>('clients'))].filter(
    ([, { provider }]) => provider !== undefined && found.get(provider)?.some((root) => existsSync(root)),
  );
  return [
    ...clients.map(([id, client]) => registrationOffer(context, id, client)),
    budgetOffer(context, loaded),
    ...(process.platform === 'win32' || shellOf(context.env) === undefined ? [] : [promptOffer(context)]),
  ];
}

/** What `scopeon init` does, for all projects. */
function registrationOffer(context: CommandContext, id: string, { title }: ClientModule): Offer {
  return {
    title: `Let ${title} ask what it costs`,
    gives: `Registers scopeon’s MCP server with ${title}, as scopeon init does; scopeon init --client ${id} --remove takes it out again.`,
    async plan() {
      const { planRegistration, plannedLines, register } = await import('./registration-command.ts');
      const registration = await planRegistration(context, id, { scope: 'user' });
      const { change } = registration;
      if (change.before === change.after)
        return { lines: [`${title} has it already: ${tildePath(change.path, context.home)}`] };
      return {
        lines: await plannedLines(registration),
        async carryOut() {
          const told: string[] = [];
          await register(context, registration, (line) => told.push(line));
          return [...told, `To undo it: scopeon init --client ${id} --remove`];
        },
      };
    },
  };
}

const limits = [
  ['daily_usd', 'A day, in US dollars'],
  ['weekly_usd', 'A week'],
  ['monthly_usd', 'A month'],
] as const;

/** Limits in the configuration file. */
function budgetOffer(context: CommandContext, { config, paths, sources }: LoadedConfig): Offer {
  const file = paths.config ?? join(paths.home, 'config.toml');
  const shown = tildePath(file, context.home);
  return {
    title: 'A budget for a day, a week, a month',
    gives: `What is spent stands against it, and alerts warn before it is used up. Written to ${shown}, at [budget]. Empty: no limit.`,
    fields: limits.map(([key, label]) => ({ label, text: config.budget[key] > 0 ? String(config.budget[key]) : '' })),
    async plan(texts): Promise<OfferPlan | WrongField> {
      const amounts = limits.map((_, at) => amountOf(texts[at] ?? ''));
      const wrong = amounts.indexOf(undefined);
      if (wrong >= 0) {
        const hint = 'Write dollars such as 5 or 12.50, or nothing for no limit.';
        return { field: wrong, wrong: `"${texts[wrong]}" is not an amount. ${hint}` };
      }
      const [{ withSettings }, { apply, textOf }, { lineDiff }] = await Promise.all([
        import('./config/edit.ts'),
        import('./registration/register.ts'),
        import('./registration/line-diff.ts'),
      ]);
      const before = textOf(file);
      const wanted = Object.fromEntries(
        limits.flatMap(([key], at) => (amounts[at] === config.budget[key] ? [] : [[key, amounts[at] ?? 0]])),
      );
      if (Object.keys(wanted).length === 0) return { lines: [`${shown} stays as it is: these limits hold already.`] };
      const after = edited(file, () => withSettings(before ?? '', 'budget', wanted));
      const fixed = limits.filter(([key]) => key in wanted && sources[`budget.${key}`] === 'env');
      return {
        lines: [
          `${file} would ${before === undefined ? 'be made' : 'change'}:`,
          ...lineDiff(before ?? '', after),
          ...fixed.map(
            ([key]) => `The variable SCOPEON_BUDGET_${key.toUpperCase()} is set, and decides over the file.`,
          ),
        ],
        async carryOut() {
          const backup = apply({ path: file, before, after });
          return [
            `Written: ${shown}`,
            ...(backup === undefined
              ? ['To undo it, delete the file, or the lines in it.']
              : [
                  `What was there before: ${tildePath(backup, context.home)}`,
                  'To undo it, put that back, or delete the lines.',
                ]),
            'It holds from now on, and counts as you edit it.',
          ];
        },
      };
    },
  };
}

/** What `scopeon shell-hook --install` does. */
function promptOffer(context: CommandContext): Offer {
  return {
    title: 'Cost and context in your shell’s prompt',
    gives: 'As scopeon shell-hook --install does, for new shells; scopeon shell-hook --remove takes it out again.',
    async plan() {
      const { planHook } = await import('./shell-start-file.ts');
      const { change, lines, carryOut } = await planHook(context, 'auto', false);
      const path = tildePath(change.path, context.home);
      if (change.before === change.after) return { lines: [`${path} has it already.`] };
      return {
        lines,
        async carryOut() {
          const backup = carryOut();
          return [
            `Written to ${path}. New shells have it.`,
            ...(backup === undefined ? [] : [`What was there before: ${tildePath(backup, context.home)}`]),
            'To undo it: scopeon shell-hook --remove',
          ];
        },
      };
    },
  };
}

/** US dollars; empty: 0, no limit. Undefined: it is no amount. */
function amountOf(text: string): number | undefined {
  const amount = text.trim().replace(/^\$/, '');
  if (amount === '') return 0;
  return /^\d{1,9}(\.\d{1,4})?$/.test(amount) ? Number(amount) : undefined;
}

function edited(file: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ScopeonError('failure', `${file} ${error.message}.`, {
      hint: 'Change it by hand. Nothing was changed.',
      cause: error,
    });
  }
}
