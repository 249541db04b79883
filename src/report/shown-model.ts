/** How much is told: 0 that it runs, 1 sums, 2 sessions and projects by name, 3 tools and tasks. */
export type Tier = 0 | 1 | 2 | 3;

export interface ShownTo {
  readonly tier: Tier;
  /** Does the price list that comes with the program name it? */
  readonly isPublicModel: (model: string) => boolean;
}

/** At tier 1 a model is named only when everybody can read its name in the price list; `-fast` behind it is ours. */
export function shownModel(model: string, { tier, isPublicModel }: ShownTo): string {
  const isNamed = tier >= 2 || isPublicModel(model) || (model.endsWith('-fast') && isPublicModel(model.slice(0, -5)));
  return isNamed ? model : 'other';
}
