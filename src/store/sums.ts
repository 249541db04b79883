/**
 * The additive figures of one rollup row, in the order of their columns. Tokens and counts are whole; `*_nano` is
 * nano-USD. `calculated` is our price, `logged` the log's own, `auto` the log's own where it states one, else ours.
 */
export const sumColumns = [
  'turns',
  'prompts',
  'tool_calls',
  'mcp_calls',
  'uncached_input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'reasoning_turns',
  'logged_nano',
  'logged_turns',
  'calculated_nano',
  'calculated_turns',
  'auto_nano',
  'auto_turns',
  'savings_nano',
] as const;

/** Values in the order of {@link sumColumns}. */
export type Sums = Figures<typeof sumColumns>;
type Figures<Columns> = { -readonly [Column in keyof Columns]: number };

export const sumColumnList = sumColumns.join(', ');

/** Sums of every column over a table alias. TOTAL is exact up to 2^53 and, unlike SUM, survives what a hostile log adds up to. */
export function sumSelect(alias: string): string {
  return sumColumns.map((column) => `TOTAL(${alias}.${column}) AS ${column}`).join(', ');
}
