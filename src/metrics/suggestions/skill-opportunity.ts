import { defineSuggestion } from '../suggestion.ts';
import { isSearch } from '../tool-names.ts';

export default defineSuggestion({
  of: ({ calls, tells, skillsUsed }) => {
    const looks = calls.filter((call) => isSearch(call.name));
    if (!tells.skills || skillsUsed > 0 || looks.length < 8) return undefined;
    return {
      severity: 'info',
      title: 'A skill might help',
      body: `${looks.length} calls searched or read, and no skill was used. A skill that says where things are saves the looking around.`,
      evidence: [...new Set(looks.flatMap((call) => call.turnId ?? []))],
    };
  },
});
