type Child = Node | string | null | undefined;

/** An element with attributes and children. Texts become text: nothing here reads markup. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== null && child !== undefined) parent.append(child);
}

/** Puts these in place of what was there. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** The element the page was written with. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** A bar of a share 0–100, for eyes; the number stands beside it in words. */
export function gauge(pct: number, tone: Tone, label: string): HTMLElement {
  const clamped = Math.min(100, Math.max(0, pct));
  const inner = h('span', { class: `fill ${tone}` });
  inner.style.width = `${clamped}%`;
  return h(
    'div',
    {
      class: 'gauge',
      role: 'meter',
      'aria-label': label,
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-valuenow': clamped.toFixed(0),
    },
    inner,
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** A part of the page with its heading. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...children);
}

export interface Column<Row> {
  readonly title: string;
  readonly number?: boolean;
  readonly cell: (row: Row) => Child;
}

/** A table that scrolls by itself on a narrow screen. `choose`: rows can be opened, by mouse and by key. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  choose?: (row: Row) => void,
): HTMLElement {
  const head = h(
    'tr',
    {},
    ...columns.map((column) => h('th', { scope: 'col', class: numberClass(column) }, column.title)),
  );
  const body = rows.map((row) => {
    const cells = columns.map((column, i) => {
      const child = column.cell(row);
      if (i > 0 || choose === undefined) return h('td', { class: numberClass(column) }, child);
      const open = h('button', { type: 'button', class: 'link' }, child);
      open.addEventListener('click', () => choose(row));
      return h('th', { scope: 'row' }, open);
    });
    return h('tr', {}, ...cells);
  });
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'hidden' }, caption), h('thead', {}, head), h('tbody', {}, ...body)),
  );
}

function numberClass<Row>(column: Column<Row>): string | undefined {
  return column.number === true ? 'number' : undefined;
}
