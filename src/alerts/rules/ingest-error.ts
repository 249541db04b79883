import { defineRule } from '../rule.ts';

const words = {
  quarantined: 'hold nothing that can be read',
  unreadable: 'cannot be opened',
  no_space: 'cannot be stored: no space is left',
} as const;

export default defineRule({
  summary: 'Logs cannot be read',
  evaluate: ({ troubles }) =>
    troubles.map(({ provider, reason, files }) => ({
      scope: `${provider}:${reason}`,
      severity: 'warning',
      message: `${files} ${files === 1 ? 'log' : 'logs'} ${words[reason]}. Run scopeon doctor.`,
      fields: { provider, reason },
      provider,
    })),
});
