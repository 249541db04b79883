import type { ReportJson } from '../report/shape.ts';
import { shownModel } from '../report/shown-model.ts';
import type { RouteDeps } from './route.ts';

type Shown = Pick<RouteDeps, 'tier' | 'isPublicModel'>;

/** A report as the tier tells it: below tier 2 a model is named only when the price list that comes with us names it. */
export function shownReport(report: ReportJson, shown: Shown): ReportJson {
  if (shown.tier >= 2) return report;
  const name = (model: string): string => shownModel(model, shown);
  const unpriced = [...new Set(report.unpriced_models.map(name))];
  const rows = report.rows.map((row) =>
    'models' in row
      ? {
          ...row,
          ...('model_id' in row
            ? { key: name(row.key), model_id: row.model_id === null ? null : name(row.model_id) }
            : {}),
          models: [...new Set(row.models.map(name))].sort(),
          ...(row.breakdown === undefined
            ? {}
            : { breakdown: row.breakdown.map((part) => ({ ...part, model: name(part.model) })) }),
        }
      : row,
  );
  return { ...report, rows, unpriced_models: unpriced } as ReportJson; // the same rows, other names in them
}
