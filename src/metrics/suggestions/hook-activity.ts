import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ hooks: { starts, blocked } }) =>
    starts === 0
      ? undefined
      : {
          severity: blocked > 0 ? 'warning' : 'info',
          title: blocked > 0 ? 'Hooks blocked tool calls' : 'Hooks ran',
          body: `${starts} ${starts === 1 ? 'hook' : 'hooks'} ran, ${blocked} of them blocked what they were run for. A blocked call is paid for and tried in another way.`,
        },
});
