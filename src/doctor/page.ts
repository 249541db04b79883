import { displaySafe, displayWidth, padToWidth, truncateToWidth } from '../display.ts';
import type { Palette } from '../report/palette.ts';
import { wrap } from '../report/wrap.ts';
import type { Fact } from './check.ts';
import type { Section } from './examine.ts';

interface Page {
  readonly width: number;
  readonly palette: Palette;
}

/** The findings, section by section, and at the end what is to be done. Ends in a newline; no line is wider than `width`. */
export function renderDoctor(
  sections: readonly Section[],
  options: { readonly width: number; readonly palette: Palette; readonly heading: string },
): string {
  const page: Page = { palette: options.palette, width: Math.max(24, Math.min(options.width, 100)) };
  const { bold, dim } = page.palette;
  const heading = ` ${bold('scopeon doctor')}${dim(truncateToWidth(` · ${options.heading}`, page.width - 15))}`;
  const labels = sections.flatMap((section) =>
    section.facts.map((fact) => displayWidth(displaySafe(fact.label ?? ''))),
  );
  const column = Math.min(16, Math.max(0, ...labels) + 2, Math.floor(page.width / 3));
  const parts = sections.map((section) => sectionLines(section, column, page));
  return `\n${[heading, ...parts, summary(sections, page)].join('\n\n')}\n\n`;
}

function sectionLines({ title, facts, mended }: Section, column: number, page: Page): string {
  const { palette, width } = page;
  const lines = facts.flatMap((fact) => factLines(fact, column, page));
  const done = mended.flatMap((sentence) => block('', `✓ ${sentence}`, column, width, palette.green));
  return [` ${palette.bold(title)}`, ...lines, ...done].join('\n');
}

function factLines(fact: Fact, column: number, { palette, width }: Page): readonly string[] {
  const { label, value, text = String(value), advice } = fact;
  const texts = label === undefined ? [] : typeof text === 'string' ? [text] : text;
  const paint = (line: string): string => palette.dim(line);
  return [
    ...texts.flatMap((each, index) =>
      block(index === 0 ? (label ?? '') : '', each, column, width, index === 0 ? undefined : paint),
    ),
    ...(advice === undefined ? [] : block('', `! ${advice}`, column, width, palette.yellow)),
  ];
}

/** A label and text that is wrapped beside it. */
function block(
  label: string,
  text: string,
  column: number,
  width: number,
  paint: (line: string) => string = (line) => line,
): readonly string[] {
  const lines = wrap(displaySafe(text, 2048).split(' '), width - column - 3);
  return lines.map((line, index) => {
    const name = padToWidth(index === 0 ? truncateToWidth(displaySafe(label), column - 1) : '', column);
    return `   ${name}${paint(line)}`;
  });
}

function summary(sections: readonly Section[], { palette, width }: Page): string {
  const todo = sections.flatMap((section) => section.facts).filter((fact) => fact.advice !== undefined);
  if (todo.length === 0) return ` ${palette.green('✓')} Nothing to do.`;
  const mendable = todo.some((fact) => fact.mend !== undefined);
  const text = `${todo.length === 1 ? 'One thing' : `${todo.length} things`} to do, marked with !${mendable ? '. scopeon doctor --fix does what it can' : ''}.`;
  return wrap(text.split(' '), width - 4)
    .map((line, index) => ` ${index === 0 ? palette.yellow('!') : ' '} ${line}`)
    .join('\n');
}
