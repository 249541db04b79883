/** How much a value is beside the others: 0 for nothing, 1 to 4 by its place among those above 0. */
export type HeatLevel = 0 | 1 | 2 | 3 | 4;

/**
 * A level for each value. By place and not as a part of the greatest, so that one dear day does not pale all others; the
 * greatest is always 4, and equal values share the middle of their places.
 */
export function heatLevels(values: readonly number[]): readonly HeatLevel[] {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const places = new Map<number, { readonly first: number; last: number }>();
  for (const [at, value] of sorted.entries()) {
    const known = places.get(value);
    if (known === undefined) places.set(value, { first: at, last: at });
    else known.last = at;
  }
  const top = sorted.at(-1);
  return values.map((value) => {
    const place = places.get(value);
    if (place === undefined) return 0;
    if (value === top) return 4;
    const share = (place.first + place.last + 1) / 2 / sorted.length; // below 1
    return (1 + Math.floor(share * 4)) as HeatLevel;
  });
}
