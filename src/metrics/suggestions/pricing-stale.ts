import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ pricesAgeDays }) =>
    pricesAgeDays < 30
      ? undefined
      : {
          severity: pricesAgeDays >= 90 ? 'warning' : 'info',
          title: 'The price list is old',
          body: `It was taken ${Math.floor(pricesAgeDays)} days ago. A newer version of scopeon brings a newer one; your own prices go into the configuration.`,
        },
});
