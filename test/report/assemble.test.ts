import { describe, expect, it } from 'vitest';
import { reportJson, toolReportJson } from '../../src/report/assemble.ts';
import { jsonSchemaOf, reportSchema, statusSchema } from '../../src/report/schema.ts';
import { cost, emptyStatus, everyReport, frame, row, status, sums, unpriced } from './samples.ts';

const keys = (report: { readonly rows: readonly { readonly key: string | null }[] }) =>
  report.rows.map(({ key }) => key);

describe('the order of rows', () => {
  const projects = [
    row('cheap', cost(1)),
    row(null, { ...unpriced, outputTokens: 9 }),
    row('dear', cost(3)),
    row('unpriced, more tokens', { ...unpriced, outputTokens: 5000 }),
    row('as cheap, more tokens', { ...cost(1), outputTokens: 5000 }),
  ];

  it('falls by cost, then tokens, with what has no price last', () => {
    const fallen = ['dear', 'as cheap, more tokens', 'cheap', 'unpriced, more tokens', null];
    expect(keys(reportJson({ ...frame(), by: 'project', rows: projects }))).toEqual(fallen);
  });

  it('rises on request, and what has no price stays last', () => {
    const risen = ['cheap', 'as cheap, more tokens', 'dear', null, 'unpriced, more tokens'];
    expect(keys(reportJson({ ...frame(), by: 'project', rows: projects, order: 'asc' }))).toEqual(risen);
  });

  it('falls by tokens where cost is left out', () => {
    const report = reportJson({ ...frame(), by: 'project', rows: projects, noCost: true });
    expect(keys(report)).toEqual(['as cheap, more tokens', 'unpriced, more tokens', 'cheap', 'dear', null]);
  });

  it('follows time for days and hours, the repeated hour too, and turns on request', () => {
    const days = [row('2026-04-10'), row('2026-04-09')];
    expect(keys(reportJson({ ...frame(), by: 'day', rows: days }))).toEqual(['2026-04-09', '2026-04-10']);
    const hours = [row('2026-10-25T02:00+01:00'), row('2026-10-25T02:00+02:00')];
    expect(keys(reportJson({ ...frame(), by: 'hour', rows: hours }))).toEqual([
      '2026-10-25T02:00+02:00',
      '2026-10-25T02:00+01:00',
    ]);
    expect(keys(reportJson({ ...frame(), by: 'day', rows: days, order: 'desc' }))).toEqual([
      '2026-04-10',
      '2026-04-09',
    ]);
  });

  it('is by calls for tools', () => {
    const tool = { errors: 0, sessions: 1, input_size_bytes: 0, output_size_bytes: null, providers: [] };
    const rows = [
      { ...tool, key: 'Read', calls: 2 },
      { ...tool, key: 'Bash', calls: 9 },
    ];
    expect(keys(toolReportJson({ ...frame(), rows }))).toEqual(['Bash', 'Read']);
    expect(keys(toolReportJson({ ...frame(), rows, order: 'asc', limit: 1 }))).toEqual(['Read']);
  });
});

describe('the report', () => {
  it('cuts rows after sorting and keeps the totals of everything', () => {
    const rows = [row('a', cost(1)), row('b', cost(2))];
    const report = reportJson({ ...frame(rows), by: 'project', rows, limit: 1 });
    expect(keys(report)).toEqual(['b']);
    expect(report.totals.cost_usd).toBe(3);
  });

  it('is in the published order of fields', () => {
    const report = reportJson({ ...frame(), by: 'day', rows: [{ ...row('2026-04-10'), breakdown: [] }] });
    expect(Object.keys(report).join(' ')).toBe(
      'schema_version by timezone since until generated_at rows totals unpriced_models as_of ingest',
    );
    expect(Object.keys(report.rows[0] ?? {}).at(0)).toBe('key');
    expect(Object.keys(report.rows[0] ?? {}).slice(-3)).toEqual(['providers', 'models', 'breakdown']);
  });

  it('breaks rows down by model, the dearest first', () => {
    const parts = [
      { model: 'small', provider: 'codex', sums: sums(cost(1)) },
      { model: 'large', provider: 'codex', sums: sums(cost(2)) },
    ];
    const report = reportJson({ ...frame(), by: 'day', rows: [{ ...row('2026-04-10'), breakdown: parts }] });
    expect(report.by === 'day' && report.rows[0]?.breakdown?.map((part) => [part.model, part.cost_usd])).toEqual([
      ['large', 2],
      ['small', 1],
    ]);
  });

  it('has zero figures for an empty range', () => {
    const report = reportJson({ ...frame(), by: 'day', rows: [] });
    expect(report.rows).toEqual([]);
    expect(report.totals).toMatchObject({ turns: 0, total_tokens: 0, cost_usd: 0 });
  });
});

describe('the schema', () => {
  it.each(everyReport().map((report, index) => [index, report.by, report] as const))(
    'accepts report %i, by %s',
    (_, __, report) => {
      expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(JSON.parse(JSON.stringify(report)));
    },
  );

  it('accepts a full and an empty status, and refuses fields it does not know', () => {
    statusSchema.parse(status());
    statusSchema.parse(emptyStatus());
    expect(statusSchema.safeParse({ ...status(), extra: 1 }).success).toBe(false);
  });

  it.each(['report', 'status'] as const)('is published for the %s open to later fields', (name) => {
    const text = JSON.stringify(jsonSchemaOf(name));
    expect(text).toContain('"$schema"');
    expect(text).toContain('cache_hit_rate');
    expect(text).not.toContain('"additionalProperties":false');
  });
});
