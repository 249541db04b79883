import { defineCommand } from '../command.ts';
import { dataOf, openData } from '../data.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { createPricer, loadPriceBook } from '../ingest/pricing.ts';
import { planReprice, type RepricePlan } from '../ingest/reprice.ts';
import { countOf, formatUsd } from '../report/format.ts';
import { identifyProcess, releaseLease, takeLease } from '../store/lease.ts';
import { openStore } from '../store/open.ts';
import { undoCosts, updateCosts } from '../store/reprice.ts';

export default defineCommand({
  summary: 'work costs out again with the present price list and overrides',
  examples: [
    { line: 'scopeon reprice', shows: 'what would change, model by model; nothing is written' },
    { line: 'scopeon reprice --apply', shows: 'the same, and writes it' },
    { line: 'scopeon reprice --undo', shows: 'takes the last one back' },
  ],
  options: (command) =>
    void command
      .option('--apply', 'write the new costs')
      .option('--undo', 'restore the costs from before the last --apply')
      .option('--json', 'print JSON'),
  run: async (context, _args, options) => {
    if (options.apply === true && options.undo === true)
      throw new ScopeonError('usage', '--apply and --undo exclude each other.');
    const data = await openData(context, 'reprice', { ingest: true });
    dataOf(data).close();
    const { config, paths } = data.loaded;
    const now = context.now();
    const db = await openStore(
      paths,
      now,
      (sentence) => void context.stderr.write(`scopeon: ${displaySafe(sentence, 2048)}\n`),
    );
    const me = identifyProcess();
    try {
      const lease = takeLease(db, me, 'reprice', now);
      if ('holder' in lease) {
        throw new ScopeonError('locked', `Another scopeon (pid ${lease.holder.pid}) is ingesting.`, {
          hint: 'End it, then run this again.',
        });
      }
      if (options.undo === true) {
        context.stdout.write(`Restored the cost of ${countOf(undoCosts(db), 'turn')}.\n`);
        return 0;
      }
      const plan = planReprice(db, createPricer(loadPriceBook(db, config.pricing.overrides, now).book));
      if (options.apply === true) updateCosts(db, plan.changes, true);
      context.stdout.write(
        options.json === true ? planJson(plan, options.apply === true) : planText(plan, options.apply === true),
      );
      return 0;
    } finally {
      releaseLease(db, me);
      db.close();
    }
  },
});

function planJson(plan: RepricePlan, applied: boolean): string {
  const models = plan.lines.map((line) => ({
    model: line.model,
    turns: line.turns,
    cost_usd_before: line.beforeNano / 1e9,
    cost_usd_after: line.afterNano / 1e9,
  }));
  return `${JSON.stringify({ schema_version: 1, applied, turns: plan.changes.length, models }, null, 2)}\n`;
}

function planText(plan: RepricePlan, applied: boolean): string {
  if (plan.changes.length === 0) return 'Every turn costs what the price list says. Nothing to change.\n';
  const width = Math.max(...plan.lines.map((line) => line.model.length));
  const lines = plan.lines.map((line) => {
    const difference = line.afterNano - line.beforeNano;
    const sign = difference < 0 ? '-' : '+';
    return `  ${displaySafe(line.model).padEnd(width)}  ${formatUsd(line.beforeNano / 1e9)} -> ${formatUsd(line.afterNano / 1e9)}  (${sign}${formatUsd(Math.abs(difference) / 1e9)}, ${countOf(line.turns, 'turn')})`;
  });
  const end = applied
    ? 'Written. Take it back with: scopeon reprice --undo'
    : 'Nothing was written. Write it with: scopeon reprice --apply';
  return `${['Costs that differ from the present prices:', ...lines, end].join('\n')}\n`;
}
