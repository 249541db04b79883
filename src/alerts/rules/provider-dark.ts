import { defineRule } from '../rule.ts';

export default defineRule({
  summary: "An agent's logs change, but no turn is found in them",
  evaluate: ({ dark }) =>
    dark.map(({ id, since }) => ({
      scope: id,
      severity: 'warning',
      message:
        'The logs of an agent change, but no turn is found in them: its format may have changed. Run scopeon providers.',
      fields: { provider: id, since: since === undefined ? null : new Date(since).toISOString() },
      provider: id,
    })),
});
