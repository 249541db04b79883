import { displaySafe, displayWidth } from '../../display.ts';
import { countOf } from '../../report/format.ts';
import { fitFacts } from '../../report/wrap.ts';
import { actionOf, type KeyBinding } from '../keys.ts';
import type { Offer, OfferPlan } from '../offer.ts';
import { glyphs, type Theme } from '../theme.ts';
import type { Point } from './key-bus.ts';
import { marked } from './page.ts';
import { line, type Span } from './spans.ts';

/** An agent of which something was found. */
export interface FoundAgent {
  readonly title: string;
  readonly files: number;
  readonly sessions: number;
  readonly turns: number;
}

/** Where in the welcome one is. Offers are numbered from 1; 0 is to go on. */
export interface Welcome {
  readonly chosen: number;
  /** Offers that were carried out. */
  readonly done: ReadonlySet<number>;
  readonly step:
    | { readonly is: 'list' | 'planning' | 'working' }
    | { readonly is: 'typing'; readonly texts: readonly string[]; readonly field: number; readonly wrong: string }
    | { readonly is: 'asked'; readonly plan: OfferPlan; readonly from: number }
    | { readonly is: 'told'; readonly lines: readonly string[]; readonly isDone: boolean; readonly from: number };
}

export const atWelcome: Welcome = { chosen: 0, done: new Set(), step: { is: 'list' } };

/** Keys of the welcome, for its own use, for the footer and for help. */
export const welcomeKeys: readonly KeyBinding[] = [
  { action: 'down', keys: ['down', 'j', 'tab'], help: 'the next offer', hint: 'choose', hintKeys: '↑↓' },
  { action: 'up', keys: ['up', 'k', 'shift+tab'], help: 'the one above' },
  { action: 'open', keys: ['return', ' '], help: 'go on, or see what an offer would change', hint: 'open' },
  { action: 'yes', keys: ['y'], help: 'yes, change that file', hint: 'yes' },
  { action: 'no', keys: ['n'], help: 'no, leave it as it is', hint: 'no' },
  { action: 'leave', keys: ['escape'], help: 'back; from the list to the live view, for good', hint: 'skip' },
];

/** The keys that matter now. */
export function welcomeHints({ step }: Welcome): readonly KeyBinding[] {
  const wanted: readonly string[] = {
    list: ['down', 'open', 'leave'],
    planning: [],
    working: [],
    typing: ['open', 'leave'],
    asked: ['down', 'yes', 'no'],
    told: ['leave'],
  }[step.is];
  const words = { typing: ['next', 'back'], asked: ['scroll'], told: ['back'] }[step.is as string] ?? [];
  return welcomeKeys
    .filter(({ action }) => wanted.includes(action))
    .map((binding, at) => ({ ...binding, hint: words[at] ?? binding.hint ?? '' }));
}

/** What a key makes of it; `do`: what is to be started for the offer that is chosen. Undefined: the welcome is over. */
export function pressInWelcome(
  welcome: Welcome,
  name: string,
  offers: readonly Offer[],
): (Welcome & { readonly do?: 'plan' | 'carry out' }) | undefined {
  const { chosen, step } = welcome;
  const action = actionOf(welcomeKeys, name);
  const back: Welcome = { ...welcome, step: { is: 'list' } };
  switch (step.is) {
    case 'list': {
      if (action === 'leave' || (action === 'open' && chosen === 0)) return undefined;
      if (action === 'open') return opened(welcome, offers[chosen - 1]);
      const by = action === 'down' ? 1 : action === 'up' ? -1 : 0;
      return { ...welcome, chosen: Math.max(0, Math.min(offers.length, chosen + by)) };
    }
    case 'typing':
      return action === 'leave' ? back : typed(welcome, step, name);
    case 'asked':
      if (action === 'yes') return { ...welcome, step: { is: 'working' }, do: 'carry out' };
      if (action === 'no' || action === 'leave') return back;
      return { ...welcome, step: { ...step, from: moved(step.from, action) } };
    case 'told':
      if (action === 'up' || action === 'down')
        return { ...welcome, step: { ...step, from: moved(step.from, action) } };
      return back;
    case 'planning':
    case 'working':
      return welcome;
    default:
      return step satisfies never;
  }
}

function opened(welcome: Welcome, offer: Offer | undefined): Welcome & { readonly do?: 'plan' } {
  if (offer === undefined) return welcome;
  if (offer.fields === undefined) return { ...welcome, step: { is: 'planning' }, do: 'plan' };
  const texts = offer.fields.map((field) => field.text);
  return { ...welcome, step: { is: 'typing', texts, field: 0, wrong: '' } };
}

/** As long as what is typed can be. */
const longest = 24;

function typed(
  welcome: Welcome,
  step: Extract<Welcome['step'], { readonly is: 'typing' }>,
  name: string,
): Welcome & { readonly do?: 'plan' } {
  const { texts, field } = step;
  const at = (next: number): Welcome => ({
    ...welcome,
    step: { ...step, field: Math.max(0, Math.min(texts.length - 1, next)) },
  });
  const withText = (text: string): Welcome => ({
    ...welcome,
    step: { ...step, wrong: '', texts: texts.map((each, index) => (index === field ? text : each)) },
  });
  const text = texts[field] ?? '';
  if (name === 'return') return field === texts.length - 1 ? { ...welcome, do: 'plan' } : at(field + 1);
  if (name === 'down' || name === 'tab') return at(field + 1);
  if (name === 'up' || name === 'shift+tab') return at(field - 1);
  if (name === 'backspace') return withText([...text].slice(0, -1).join(''));
  return [...name].length === 1 && displaySafe(name) === name && text.length < longest
    ? withText(text + name)
    : welcome;
}

/** Rows from the first that is shown; drawing knows where the end is. */
function moved(from: number, action: string | undefined): number {
  return Math.max(0, from + (action === 'down' ? 1 : action === 'up' ? -1 : 0));
}

/** Lines of the welcome, and what a click on them is as good as. */
export interface WelcomePage {
  readonly lines: readonly string[];
  /** Rows that can stand above the first that is shown. */
  readonly mostAbove: number;
  readonly targets: readonly Target[];
}

interface Target {
  readonly row: number;
  /** Columns, the last not among them. Absent: the whole row. */
  readonly columns?: readonly [from: number, to: number];
  /** A key, or the offer to open. */
  readonly press: string | { readonly open: number } | { readonly field: number };
}

/** What a click makes of it; the welcome itself: nothing is there. */
export function clickInWelcome(
  welcome: Welcome,
  { targets }: WelcomePage,
  at: Point,
  offers: readonly Offer[],
): ReturnType<typeof pressInWelcome> {
  const found = targets.find(
    ({ row, columns }) =>
      row === at.row && (columns === undefined || (at.column >= columns[0] && at.column < columns[1])),
  );
  if (found === undefined) return welcome.step.is === 'told' ? pressInWelcome(welcome, 'escape', offers) : welcome;
  if (typeof found.press === 'string') return pressInWelcome(welcome, found.press, offers);
  if ('open' in found.press) return pressInWelcome({ ...welcome, chosen: found.press.open }, 'return', offers);
  return welcome.step.is === 'typing' ? { ...welcome, step: { ...welcome.step, field: found.press.field } } : welcome;
}

interface Place {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

/** What was found here and what can be set up, or the offer that is looked at. `agents` undefined: still looking. */
export function welcomePage(
  welcome: Welcome,
  { agents, offers }: { readonly agents: readonly FoundAgent[] | undefined; readonly offers: readonly Offer[] },
  place: Place,
): WelcomePage {
  const room = Math.max(8, Math.min(place.width - 2, 84));
  const { step, chosen } = welcome;
  const offer = offers[chosen - 1];
  if (offer === undefined) return listPage(welcome, agents, offers, { ...place, width: room });
  const { theme } = place;
  const head: readonly Row[] = [
    { text: line([[offer.title, theme.strong]], room) },
    ...marked(' ', offer.gives, room).map((text): Row => ({ text: theme.quiet(text) })),
    { text: '' },
  ];
  switch (step.is) {
    case 'list':
      return listPage(welcome, agents, offers, { ...place, width: room });
    case 'typing':
      return typingPage(head, offer, step, { ...place, width: room });
    case 'planning':
    case 'working': {
      const word = step.is === 'planning' ? 'Looking …' : 'Working …';
      return fitted(
        [
          ...head,
          {
            text: line(
              [
                ['  ', theme.plain],
                [word, theme.quiet],
              ],
              room,
            ),
          },
        ],
        head.length,
        place,
      );
    }
    case 'asked':
      return askedPage(head, step, { ...place, width: room });
    case 'told': {
      const sign: Span = step.isDone ? ['✓', theme.good] : ['!', theme.bad];
      const rows = step.lines.flatMap((text, at) => marked(at === 0 ? sign : ' ', displaySafe(text, 1024), room));
      const last: Row = {
        text: line(['  ', ['Esc', theme.accent], [' goes back', theme.quiet]], room),
        press: 'escape',
      };
      return scrolled([head[0] as Row, { text: '' }, ...rows.map((text) => ({ text }))], last, step.from, place); // a head has its title
    }
    default:
      return step satisfies never;
  }
}

interface Row {
  readonly text: string;
  readonly press?: Target['press'];
}

function listPage(
  { chosen, done }: Welcome,
  agents: readonly FoundAgent[] | undefined,
  offers: readonly Offer[],
  place: Place,
): WelcomePage {
  const { width, height, theme } = place;
  const item = (title: string, at: number): Row => ({
    text: line(
      [
        [at === chosen ? `${glyphs.selected} ` : '  ', theme.accent],
        ...(at === 0 ? [] : [done.has(at) ? (['✓ ', theme.good] as const) : '  ']),
        [title, at === chosen ? theme.strong : theme.plain],
      ],
      width,
    ),
    press: { open: at },
  });
  const items = [item('Go on to the live view', 0), ...offers.map((offer, at) => item(offer.title, at + 1))];
  const gives =
    offers[chosen - 1]?.gives ??
    'What is below can be set up now. Nothing is changed before you have seen it and said yes.';
  const told = marked(' ', offers.length === 0 ? 'This page is not shown again.' : gives, width).map(
    (text): Row => ({ text: theme.quiet(text) }),
  );
  const intro = 'It reads the logs your agents leave on this disk, here and nowhere else. Nothing leaves this machine.';
  const blank: Row = { text: '' };
  const title: Row = { text: line([['Welcome to scopeon', theme.strong]], width) };
  const said = marked(' ', intro, width).map((text): Row => ({ text }));
  const heading: Row = { text: line([['Found', theme.strong]], width) };
  const ways = (most: number): readonly (readonly Row[])[] => {
    const found = foundRows(agents, most, place);
    const tail = [...items, blank, ...told];
    return [
      [blank, title, ...said, blank, heading, ...found, blank, ...tail],
      [title, ...said, blank, ...found, blank, ...tail],
      [title, ...found, ...items, blank, ...told],
      [title, ...found, ...items, ...told],
    ];
  };
  // All that was found stands there if it can; else it is shortened before the words around it go.
  const count = agents?.length ?? 1;
  const fit = [...ways(count), ...ways(Math.min(count, 3)), ...ways(1), [title, ...items, ...told]].find(
    (rows) => rows.length <= height,
  );
  const rows = fit ?? items;
  return fitted(rows, rows.indexOf(items[chosen] ?? title), place);
}

/** A row for each, `most` of them at most; those of which something was read first. */
function foundRows(agents: readonly FoundAgent[] | undefined, most: number, { width, theme }: Place): readonly Row[] {
  if (agents === undefined)
    return [{ text: line(['  ', ['Looking for the logs of your agents …', theme.quiet]], width) }];
  if (agents.length === 0)
    return marked(
      '·',
      'No agent has left logs here yet. They show up by themselves; scopeon demo has made-up ones.',
      width,
    ).map((text) => ({ text }));
  const sorted = [...agents].sort((a, b) => b.turns - a.turns);
  const shown = sorted.length <= most ? sorted : sorted.slice(0, Math.max(1, most - 1));
  const names = Math.min(
    Math.floor(width / 2),
    Math.max(...shown.map(({ title }) => displayWidth(displaySafe(title)))) + 2,
  );
  const rest = sorted.length - shown.length;
  return [
    ...shown.map(({ title, files, sessions, turns }): Row => {
      const facts = [
        turns === 0 ? 'nothing read yet' : countOf(turns, 'turn'),
        ...(sessions === 0 ? [] : [countOf(sessions, 'session')]),
        ...(files === 0 ? [] : [countOf(files, 'file')]),
      ];
      const name = line([[displaySafe(title), theme.plain]], names);
      return { text: line(['  ', name, [fitFacts(facts, Math.max(4, width - names - 2)), theme.quiet]], width) };
    }),
    ...(rest === 0 ? [] : [{ text: line(['  ', [`and ${countOf(rest, 'more agent')}`, theme.quiet]], width) }]),
  ];
}

function typingPage(
  head: readonly Row[],
  offer: Offer,
  { texts, field, wrong }: Extract<Welcome['step'], { readonly is: 'typing' }>,
  place: Place,
): WelcomePage {
  const { width, theme } = place;
  const fields = offer.fields ?? [];
  const labels = Math.max(...fields.map(({ label }) => displayWidth(label))) + 2;
  const rows = fields.map(({ label }, at): Row => {
    const isAt = at === field;
    const text: readonly Span[] = [[texts[at] ?? '', theme.money], ...(isAt ? ['▏'] : [])];
    const mark: Span = [isAt ? `${glyphs.selected} ` : '  ', theme.accent];
    return {
      text: line([mark, line([[label, isAt ? theme.strong : theme.plain]], labels), ...text], width),
      press: { field: at },
    };
  });
  const told =
    wrong === '' ? [] : marked(['!', theme.bad], displaySafe(wrong, 512), width).map((text): Row => ({ text }));
  const all = [...head, ...rows, { text: '' }, ...told];
  // Where there is hardly any room, what is typed and what is wrong with it stay.
  const few = told.length > 0 && place.height < 4 ? told : rows;
  return all.length <= place.height ? fitted(all, 0, place) : fitted(few, few === rows ? field : 0, place);
}

function askedPage(
  head: readonly Row[],
  { plan, from }: Extract<Welcome['step'], { readonly is: 'asked' }>,
  place: Place,
): WelcomePage {
  const { width, theme } = place;
  const paint = { '+': theme.good, '-': theme.bad } as const;
  const rows = plan.lines.flatMap((text): readonly Row[] => {
    const sign = text[0] === '+' || text[0] === '-' ? text[0] : undefined;
    const safe = displaySafe(text, 4096);
    // Nothing of a change is cut: whoever says yes has seen all of it.
    if (sign === undefined) return brokenLines(safe, width - 2).map((part) => ({ text: line(['  ', part], width) }));
    return brokenLines(safe.slice(2), width - 4).map((part, at) => ({
      text: line(['  ', [`${at === 0 ? sign : ' '} ${part}`, paint[sign]]], width),
    }));
  });
  const yes = 'y changes it';
  const last: readonly Span[] = [
    '  ',
    ['y', theme.accent],
    [' changes it', theme.quiet],
    '   ',
    ['n', theme.accent],
    [' does not', theme.quiet],
  ];
  const page = scrolled([...head, ...rows], { text: line(last, width) }, from, place);
  const row = page.lines.length - 1;
  const left = 1 + 2;
  return {
    ...page,
    targets: [
      { row, columns: [left, left + yes.length], press: 'y' },
      { row, columns: [left + yes.length + 3, left + yes.length + 3 + 'n does not'.length], press: 'n' },
    ],
  };
}

/** A text in lines of at most so many columns, broken wherever it must be. */
function brokenLines(text: string, width: number): readonly string[] {
  const room = Math.max(8, width);
  const words = text.split(/(?<=[ /\\,])/).flatMap((word) => pieces(word, room));
  const joined = wrapJoined(words, room);
  return joined.length === 0 ? [''] : joined;
}

function pieces(word: string, room: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  for (const letter of word) {
    if (displayWidth(piece + letter) > room) {
      found.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...found, piece];
}

function wrapJoined(words: readonly string[], room: number): readonly string[] {
  const found: string[] = [];
  let text = '';
  for (const word of words) {
    if (displayWidth(text + word) > room && text !== '') {
      found.push(text);
      text = '';
    }
    text += word;
  }
  return text === '' ? found : [...found, text];
}

/** Rows that move below one that stays at the bottom. */
function scrolled(rows: readonly Row[], last: Row, from: number, place: Place): WelcomePage {
  const room = Math.max(0, place.height - 1);
  const fits = rows.length + 2 <= room;
  const mostAbove = fits ? 0 : Math.max(0, rows.length - room);
  const start = Math.min(from, mostAbove);
  const shown = fits ? [{ text: '' }, ...rows, { text: '' }] : rows.slice(start, start + room);
  return pageOf([...shown, last], mostAbove);
}

/** As many rows as there is room for, that of `focus` among them. */
function fitted(rows: readonly Row[], focus: number, { height }: Place): WelcomePage {
  const start = Math.max(0, Math.min(focus - Math.floor(height / 2), rows.length - height));
  return pageOf(rows.slice(start, start + height));
}

function pageOf(rows: readonly Row[], mostAbove = 0): WelcomePage {
  return {
    mostAbove,
    lines: rows.map(({ text }) => ` ${text}`),
    targets: rows.flatMap(({ press }, row) => (press === undefined ? [] : [{ row, press }])),
  };
}
