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

/**
 * The same for a place that is filled again and again: whoever stands in it with the keyboard, has scrolled it or has
 * opened a part of it finds that as it was.
 */
export function refill(place: HTMLElement, ...children: readonly Child[]): void {
  const focused = place.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
  const scrolls = [...place.querySelectorAll('.scroll')].map(({ scrollTop, scrollLeft }) => [scrollTop, scrollLeft]);
  const open = new Map([...place.querySelectorAll('details')].map((each) => [keyOf(each), each.open]));
  fill(place, ...children);
  for (const each of place.querySelectorAll('details')) each.open = open.get(keyOf(each)) ?? each.open;
  [...place.querySelectorAll('.scroll')].forEach((each, i) => {
    const [top = 0, left = 0] = scrolls[i] ?? [];
    each.scrollTop = top;
    each.scrollLeft = left;
  });
  if (focused === undefined) return;
  for (const each of place.querySelectorAll<HTMLElement>('[data-key]'))
    if (keyOf(each) === focused) each.focus({ preventScroll: true });
}

function keyOf(element: Element | null): string | undefined {
  return element instanceof HTMLElement ? element.dataset.key : undefined;
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

/** A number with a bar behind it: its share of the largest, for eyes. */
export function barred(text: string, share: number): HTMLElement {
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.width = `${Math.min(100, Math.max(0, share * 100))}%`;
  return h('span', { class: 'barred' }, bar, h('span', {}, text));
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** A part of the page with its heading. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...children);
}

export interface Column<Row> {
  readonly title: string;
  readonly number?: boolean;
  /** Left out where there is little room. */
  readonly wide?: boolean;
  readonly cell: (row: Row) => Child;
}

/** A table that scrolls by itself on a narrow screen. `choose`: rows can be opened, by mouse and by key. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  choose?: { readonly key: (row: Row) => string; readonly open: (row: Row) => void },
): HTMLElement {
  const head = h('tr', {}, ...columns.map((column) => h('th', { scope: 'col', class: classOf(column) }, column.title)));
  const body = rows.map((row) => {
    const cells = columns.map((column, i) => {
      const child = column.cell(row);
      if (i > 0 || choose === undefined) return h('td', { class: classOf(column) }, child);
      const open = h('button', { type: 'button', class: 'link', 'data-key': choose.key(row) }, child);
      open.addEventListener('click', () => choose.open(row));
      return h('th', { scope: 'row' }, open);
    });
    return h('tr', {}, ...cells);
  });
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption, 'data-key': caption },
    h('table', {}, h('caption', { class: 'hidden' }, caption), h('thead', {}, head), h('tbody', {}, ...body)),
  );
}

function classOf<Row>({ number, wide }: Column<Row>): string | undefined {
  const names = [...(number === true ? ['number'] : []), ...(wide === true ? ['wide'] : [])];
  return names.length === 0 ? undefined : names.join(' ');
}
