/** What is selected and how it is looked at. */
export interface ListState {
  readonly sort: SortOrder;
  /** Row id; undefined: whatever stands first, so that a new session comes under the eye by itself. */
  readonly selected: number | undefined;
  /** Where the selected one was last, for when it is gone. */
  readonly index: number;
  readonly view: 'list' | 'detail';
  /** Lines above the detail's first visible one. */
  readonly scroll: number;
}

export const sortOrders = ['newest', 'oldest', 'costliest'] as const;
export type SortOrder = (typeof sortOrders)[number];

export type ListAction = (typeof listActions)[number] | { readonly select: number } | { readonly scroll: number };
export const listActions = ['up', 'down', 'page-up', 'page-down', 'first', 'last', 'open', 'back', 'sort'] as const;

export const firstState: ListState = { sort: 'newest', selected: undefined, index: 0, view: 'list', scroll: 0 };

/** Row ids in their order; a list of numbers of any kind. */
export interface RowIds {
  readonly length: number;
  readonly [index: number]: number;
  indexOf(rowId: number): number;
}

/** What an action makes of it, given the rows in their order and how many lines a page has. */
export function reduceList(
  state: ListState,
  action: ListAction,
  given: { readonly ids: RowIds; readonly page: number; readonly lastScroll: number },
): ListState {
  if (typeof action === 'object') {
    if ('scroll' in action) return { ...state, scroll: Math.min(action.scroll, given.lastScroll) };
    return action.select < given.ids.length ? select(state, action.select, given.ids) : state;
  }
  switch (action) {
    case 'open':
      return given.ids.length === 0
        ? state
        : { ...select(state, selectedIndex(state, given.ids), given.ids), view: 'detail', scroll: 0 };
    case 'back':
      return { ...state, view: 'list', scroll: 0 };
    case 'sort':
      return { ...state, sort: sortOrders[(sortOrders.indexOf(state.sort) + 1) % sortOrders.length] ?? 'newest' };
    default:
      return state.view === 'detail' ? scrolled(state, action, given) : moved(state, action, given);
  }
}

type Motion = Exclude<(typeof listActions)[number], 'open' | 'back' | 'sort'>;

function moved(
  state: ListState,
  motion: Motion,
  { ids, page }: { readonly ids: RowIds; readonly page: number },
): ListState {
  if (motion === 'first') return { ...state, selected: undefined, index: 0 };
  const last = ids.length - 1;
  const to = target(motion, selectedIndex(state, ids), last, page);
  return last < 0 ? state : select(state, to, ids);
}

function scrolled(
  state: ListState,
  motion: Motion,
  given: { readonly page: number; readonly lastScroll: number },
): ListState {
  return { ...state, scroll: target(motion, Math.min(state.scroll, given.lastScroll), given.lastScroll, given.page) };
}

function target(motion: Motion, from: number, last: number, page: number): number {
  const to = { up: from - 1, down: from + 1, 'page-up': from - page, 'page-down': from + page, first: 0, last }[motion];
  return Math.max(0, Math.min(last, to));
}

function select(state: ListState, index: number, ids: RowIds): ListState {
  return { ...state, selected: ids[index], index };
}

/** Where the selected row stands now; the nearest place when it is no longer listed, 0 in an empty list. */
export function selectedIndex(state: ListState, ids: RowIds): number {
  if (state.selected === undefined) return 0;
  const found = ids.indexOf(state.selected);
  return found >= 0 ? found : Math.max(0, Math.min(state.index, ids.length - 1));
}

/** First row of a window of `height` rows that shows `index`, moved no more than it must be from where it was. */
export function windowStart(before: number, index: number, height: number, count: number): number {
  const start = Math.min(Math.max(before, index - height + 1), index);
  return Math.max(0, Math.min(start, count - height));
}
