/** Groupings of a report. */
export const reportKinds = [
  'hour',
  'day',
  'week',
  'month',
  'session',
  'project',
  'model',
  'block',
  'provider',
  'branch',
  'tag',
  'tool',
  'agent',
] as const;

export type ReportKind = (typeof reportKinds)[number];
