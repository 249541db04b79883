import { defineCommand } from '../command.ts';
import { openData } from '../data.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { readPriceBook } from '../ingest/pricing.ts';
import { paletteFor } from '../report/palette.ts';
import { listPrices, priceJson, renderPriceList, renderPriceOf } from '../report/price-list.ts';
import { wantsColour, widthOf } from '../report-command.ts';
import { modelsWithoutPrice } from '../store/queries/models-without-price.ts';

export default defineCommand({
  summary: 'the price list that costs are worked out with',
  arguments: [
    { name: '<action>', description: 'list or show' },
    { name: '[model]', description: 'for show: a model as a log names it' },
  ],
  examples: [
    { line: 'scopeon prices list', shows: 'every price, and the models of yours that have none' },
    { line: 'scopeon prices list --vendor anthropic', shows: "one vendor's" },
    {
      line: 'scopeon prices show claude-opus-4-5-20251101',
      shows: 'what that model costs, since when, and who says so',
    },
  ],
  options: (command) =>
    void command
      .option('--json', 'print JSON')
      .option('--vendor <name>', 'for list: only this vendor')
      .option('--all', 'for list: rows that no longer hold too'),
  run: async (context, [action, model], options) => {
    if (action !== 'list' && action !== 'show')
      throw new ScopeonError('usage', `prices: "${action ?? ''}" is neither list nor show.`);
    if (action === 'show' && model === undefined)
      throw new ScopeonError('usage', 'prices show: which model?', {
        hint: 'For example: scopeon prices show claude-opus-4-5',
      });
    const data = await openData(context, 'prices', { ingest: false });
    const now = context.now();
    const book = readPriceBook(data.db, data.loaded.config.pricing.overrides);
    const unpriced = data.db === undefined ? [] : modelsWithoutPrice(data.db);
    data.db?.close();
    const view = { width: widthOf(context), palette: paletteFor(wantsColour(context)), now };
    if (action === 'show') {
      const rows = [...book.candidates(model ?? '')];
      if (rows.length === 0) {
        throw new ScopeonError(
          'failure',
          `No price is known for "${displaySafe(model ?? '', 64)}": its usage is shown as unpriced.`,
          {
            hint: `Set one in config.toml: [pricing.overrides."${displaySafe(model ?? '', 64)}"] input = 1.0, output = 5.0 (USD per million tokens).`,
          },
        );
      }
      context.stdout.write(
        options.json === true
          ? `${JSON.stringify(rows.map(priceJson), null, 2)}\n`
          : renderPriceOf(model ?? '', rows, view),
      );
      return 0;
    }
    const rows = listPrices(book.list(), {
      vendor: options.vendor as string | undefined,
      all: options.all === true,
      now,
    }); // as declared above
    if (rows.length === 0)
      throw new ScopeonError('usage', `There is no price of a vendor "${displaySafe(String(options.vendor), 64)}".`, {
        hint: `Vendors: ${[...new Set(book.list().map((row) => row.vendor))].sort().join(', ')}.`,
      });
    context.stdout.write(
      options.json === true
        ? `${JSON.stringify({ prices: rows.map(priceJson), unpriced_models: unpriced }, null, 2)}\n`
        : renderPriceList(rows, unpriced, view),
    );
    return 0;
  },
});
