import { countOf } from '../../report/format.ts';
import { defineRule } from '../rule.ts';

export default defineRule({
  summary: 'A model without a known price was used',
  evaluate: ({ unpriced }) =>
    unpriced.map(({ model, provider, turns }) => ({
      scope: model,
      severity: 'info',
      message: `A model without a known price was used: ${countOf(turns, 'turn is', 'turns are')} in no cost.`,
      fields: { turns },
      provider,
      isEvent: true,
    })),
});
