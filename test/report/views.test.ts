import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/display.ts';
import { reportJson } from '../../src/report/assemble.ts';
import { renderCsv } from '../../src/report/csv.ts';
import { escapeMarkdown, renderMarkdown } from '../../src/report/markdown.ts';
import { paletteFor } from '../../src/report/palette.ts';
import { renderStatus } from '../../src/report/status-page.ts';
import { renderTable } from '../../src/report/table.ts';
import { cost, emptyStatus, everyReport, frame, row, status, sums, unpriced } from './samples.ts';

const palette = paletteFor(false);
const widths = [24, 30, 40, 50, 60, 80, 100, 120, 160, 200, 400];
const days = [
  row('2026-04-09', { ...cost(1.5), sessions: 2 }),
  row('2026-04-10', { ...unpriced, outputTokens: 1_234_567 }),
];
const report = {
  ...reportJson({ ...frame(days), by: 'day', rows: days, unpricedModels: ['mystery-1'] }),
  since: '2026-04-09',
};

describe('the table', () => {
  it.each(widths)('is never wider than %i columns, and quiet without colour', (width) => {
    for (const each of everyReport()) {
      const text = renderTable(each, { width, palette, filters: ['project scopeon', `branch ${'x'.repeat(300)}`] });
      for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
    }
  });

  it('shows date, tokens and cost in the width of a phone', () => {
    expect(renderTable(report, { width: 40, palette })).toBe(`
 Usage by day · since 2026-04-09
 · Europe/Berlin

 Date        Output  Total      Cost
 ───────────────────────────────────
 2026-04-09     200  10.7K     $1.50
 2026-04-10    1.2M   1.2M  unpriced
 ───────────────────────────────────
 Total         1.2M   1.3M    ≥$1.50

 ≥ 10 turns have no known cost and are
 left out: mystery-1
 Costs are tokens at list price; what a
 subscription bills may differ.

`);
  });

  it('shows full numbers where there is room', () => {
    const line = renderTable(report, { width: 120, palette })
      .split('\n')
      .find((text) => text.includes('2026-04-10'));
    expect(line?.trim().split(/ {2,}/)).toEqual([
      '2026-04-10',
      'opus-4-6',
      '1',
      '10',
      '1,000',
      '500',
      '9,000',
      '1,234,567',
      '1,245,067',
      '90.0%',
      'unpriced',
    ]);
  });

  it('says so when a range is empty', () => {
    const empty = reportJson({ ...frame(), by: 'day', rows: [], since: '2026-01-01', until: '2026-01-01' });
    expect(renderTable(empty, { width: 80, palette })).toBe(
      '\n Usage by day · 2026-01-01 · Europe/Berlin\n\n No usage in this range.\n\n',
    );
  });

  it('marks the active window and tells where it is heading', () => {
    const block = everyReport().find((each) => each.by === 'block');
    const text = block === undefined ? '' : renderTable(block, { width: 200, palette });
    expect(text).toContain('● 2026-04-10 14:00 – 19:00');
    expect(text).toContain('● 4h 28m left · 45.7K tokens/min · $7.20/h · on course for 14.5M tokens and $18.20');
  });

  it('tells the hours of a clock change apart', () => {
    const hours = everyReport().find((each) => each.by === 'hour');
    expect(hours === undefined ? '' : renderTable(hours, { width: 80, palette })).toContain('2026-10-25 02:00+01:00');
  });

  it('has no word of money without costs', () => {
    for (const each of everyReport()) {
      const text = renderTable(each, { width: 300, palette, noCost: true });
      expect(text).not.toMatch(/\$|unpriced|price|cost|saved/i);
    }
  });

  it('cuts a name only where the core columns leave no room for it', () => {
    const name = 'claude-sonnet-4-5-20250929-with-more-behind-it';
    const long = reportJson({ ...frame(), by: 'project', rows: [row(name), row('b')] });
    const lines = (width: number): string => renderTable(long, { width, palette });
    for (const width of [120, 140, 160, 200, 300]) expect(lines(width)).toContain(`${name}  `);
    expect(lines(300)).toContain('Prompts');
    expect(lines(80)).not.toContain(name);
    expect(lines(80)).toContain('claude-sonnet');
  });

  it('paints with colours and stays as wide', () => {
    const coloured = renderTable(report, { width: 80, palette: paletteFor(true) });
    expect(coloured).toContain('\u001b[32m$1.50\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: takes the colours off again
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderTable(report, { width: 80, palette }));
  });
});

describe('CSV', () => {
  it('has a header, CRLF, plain numbers and joined lists', () => {
    const text = renderCsv(report);
    expect(text.split('\r\n').slice(0, 2)).toEqual([
      'key,sessions,turns,prompts,input_tokens,cache_read_tokens,cache_write_tokens,cache_write_5m_tokens,' +
        'cache_write_1h_tokens,output_tokens,reasoning_tokens,total_tokens,cost_usd,cost_source,unpriced_turns,' +
        'cache_hit_rate,cache_savings_usd,tool_calls,mcp_calls,providers,models',
      '2026-04-09,2,10,3,1000,9000,500,0,500,200,,10700,1.5,calculated,0,0.9,-0.25,0,0,claude-code,claude-opus-4-6',
    ]);
    expect(text.endsWith('\r\n')).toBe(true);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-x', "'-x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1', "'＝1"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['\u0000=1', "'=1"],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['a=b', 'a=b'],
    ['esc\u001b[31m', 'esc[31m'],
  ])('writes the name %j as %j', (name, expected) => {
    const text = renderCsv(reportJson({ ...frame(), by: 'project', rows: [row(name)] }));
    expect(text.slice(text.indexOf('\r\n') + 2).startsWith(`${expected},1,10,`)).toBe(true);
  });

  it('has no column of costs without costs', () => {
    for (const each of everyReport()) {
      const [header, ...records] = renderCsv(each, { noCost: true }).trimEnd().split('\r\n');
      expect(header).not.toMatch(/cost|usd|savings|unpriced/);
      const all = renderCsv(each).split('\r\n')[0]?.split(',') ?? [];
      expect(header?.split(',')).toEqual(all.filter((field) => !/cost|usd|savings|unpriced/.test(field)));
      expect(records.length).toBe(renderCsv(each).trimEnd().split('\r\n').length - 1);
    }
  });

  it.each([false, true])(
    'gives every record as many cells as the header, for every report; without costs: %s',
    (noCost) => {
      for (const each of everyReport()) {
        const lines = renderCsv(each, { noCost })
          .replace(/"(?:[^"]|"")*"/g, 'x')
          .trimEnd()
          .split('\r\n');
        const cells = lines.map((line) => line.split(',').length);
        expect(new Set(cells).size).toBe(1);
      }
    },
  );

  it('has a record per model with a breakdown, so that columns add up', () => {
    const parts = [
      { model: 'a', provider: 'codex', sums: sums({ turns: 4 }) },
      { model: 'b', provider: 'codex', sums: sums({ turns: 6 }) },
    ];
    const text = renderCsv(reportJson({ ...frame(), by: 'day', rows: [{ ...row('2026-04-10'), breakdown: parts }] }));
    const records = text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(records.map((cells) => [cells[0], cells[2], cells.at(-1)])).toEqual([
      ['2026-04-10', '4', 'a'],
      ['2026-04-10', '6', 'b'],
    ]);
  });
});

describe('Markdown', () => {
  it('is a table with a bold total', () => {
    expect(renderMarkdown(report)).toBe(
      [
        '| Date | Sessions | Turns | Input | Cache write | Cache read | Output | Total | Cache hit | Cost |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
        '| 2026-04-09 | 2 | 10 | 1,000 | 500 | 9,000 | 200 | 10,700 | 90.0% | $1.50 |',
        '| 2026-04-10 | 1 | 10 | 1,000 | 500 | 9,000 | 1,234,567 | 1,245,067 | 90.0% | unpriced |',
        '| **Total** | **3** | **20** | **2,000** | **1,000** | **18,000** | **1,234,767** | **1,255,767** | **90.0%** | **≥$1.50** |',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['`code`', '\\`code\\`'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['&lt;', '&amp;lt;'],
    ['@team', '@\u2060team'],
    ['#12', '\\#\u206012'],
    ['[x](https://evil)', '\\[x\\](https&#58;//evil)'],
    ['www.evil', 'www&#46;evil'],
    ['two\nlines', 'two\\\\nlines'],
    ['\\', '\\\\'],
  ])('writes the name %j as %j', (name, expected) => {
    expect(escapeMarkdown(name)).toBe(expected);
  });

  it('has as many cells in every line, for every report', () => {
    for (const each of everyReport()) {
      const lines = renderMarkdown(each).trimEnd().split('\n');
      expect(new Set(lines.map((line) => line.match(/(?<!\\)\|/g)?.length)).size).toBe(1);
    }
  });
});

describe('the status page', () => {
  it.each(widths)('is never wider than %i columns, nor than 100', (width) => {
    for (const each of [
      status(),
      emptyStatus(),
      status({ context: null }),
      status({ unpriced_models: ['x'.repeat(300)] }),
    ]) {
      for (const line of renderStatus(each, { width, palette }).split('\n')) {
        expect(displayWidth(line)).toBeLessThanOrEqual(Math.min(width, 100));
      }
    }
  });

  it('tells the day, the context, budgets and limits', () => {
    expect(renderStatus(status(), { width: 60, palette })).toMatchInlineSnapshot(`
      "
       scopeon · 2026-04-10 14:32 · Europe/Berlin

                                                           Cache
                    Cost  Tokens  Output  Turns  Sessions    hit
       ─────────────────────────────────────────────────────────
       Today       $1.50   10.7K     200     10         1  90.0%
       This week   $1.50   10.7K     200     10         1  90.0%
       This month  $1.50   10.7K     200     10         1  90.0%
       All time    $1.50   10.7K     200     10         1  90.0%

       Context · scopeon · claude-opus-4-6 · 3m ago
       ██████░░  84%  168K of 200K · 32.0K left · about 18 turns

       Budget
       Daily        ██░░░░░░░░░░░░░░░░░  15%  $1.50 of $10.00
       Monthly      ███████████████████ 105%  $210.00 of $200.00

       Limits
       5 hours      █████░░░  63%  resets in 2h 10m

       Top project  scopeon · $3.10 · 900K tokens
       Live         2 sessions
       Health       84 of 100
       Collector    running, process 4711 · logs read just now

      "
    `);
  });

  it('says what to do when there is nothing yet', () => {
    expect(renderStatus(emptyStatus(), { width: 60, palette })).toMatchInlineSnapshot(`
      "
       scopeon · 2026-04-10 14:32 · Europe/Berlin

       No usage recorded yet.
       scopeon reads the logs your coding agents leave on this
       machine. Use one and look again.

       Collector    not running · logs not read yet

      "
    `);
  });

  it('gives a stale context no colour of alarm', () => {
    const full = { ...status().context, fill_pct: 97 } as NonNullable<ReturnType<typeof status>['context']>;
    const red = '\u001b[31m█';
    expect(renderStatus(status({ context: full }), { width: 80, palette: paletteFor(true) })).toContain(red);
    const stale = status({ context: { ...full, stale: true }, budget: emptyStatus().budget, limits: [] });
    expect(renderStatus(stale, { width: 80, palette: paletteFor(true) })).not.toContain(red);
  });
});
