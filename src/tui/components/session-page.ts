import type { SessionDetail, TurnLine } from '../../store/queries/session-detail.ts';
import type { TabProps } from '../tab.ts';
import { glyphs } from '../theme.ts';
import { type PanelOptions, panelLines } from './session-panel.ts';
import { timelineLines } from './timeline.ts';

/** Turns asked for beside the list: as many as a sparkline has columns. */
export const turnLimit = 120;
/** Turns that can be scrubbed through once a session is open. */
export const timelineLimit = 2_000;
/** From this height on the timeline stays in sight below a session's page; else it is the end of it. */
const pinFrom = 17;

/** A session's page as lines that scroll and lines that stay below them. */
export interface SessionPage {
  readonly lines: readonly string[];
  readonly pinned: readonly string[];
}

export const nothingOpen: SessionPage = { lines: [], pinned: [] };

export function sessionPage(detail: SessionDetail, props: TabProps, cursor: number): SessionPage {
  const { width, height, theme } = props;
  const options = { ...props, width: width - 2 };
  const windowTokens = props.windowOf(detail.facts)?.tokens;
  const timeline = timelineLines(detail, { ...options, windowTokens, cursor, asked: timelineLimit });
  const lines = pageLines(detail, options);
  if (timeline.length === 0) return { lines, pinned: [] };
  if (height < pinFrom) return { lines: [...lines, '', ...timeline], pinned: [] };
  return { lines, pinned: [theme.quiet(glyphs.rule.repeat(width - 2)), ...timeline] };
}

/** What fits whole beside the list, the most important first; the last turns get the lines the rest leaves. */
export function besideLines(detail: SessionDetail, options: PanelOptions, height: number): readonly string[] {
  const lines: string[] = [];
  for (const section of ['head', 'context', 'figures', 'tokens', 'tools', 'subagents', 'compactions'] as const) {
    const more = panelLines(detail, [section], options, 4);
    const gap = lines.length > 0 ? [''] : [];
    if (more.length > 0 && lines.length + gap.length + more.length <= height) lines.push(...gap, ...more);
  }
  const room = height - lines.length - 2; // a blank line and the titles
  return room < 2 ? lines : [...lines, '', ...panelLines(detail, ['turns'], options, room)];
}

/** The whole page: from 110 columns on the turns stand beside the figures. */
function pageLines(detail: SessionDetail, options: PanelOptions): readonly string[] {
  const facts = ['head', 'context', 'figures', 'tokens', 'models', 'tools', 'subagents', 'compactions'] as const;
  if (options.width < 108) return panelLines(detail, [...facts, 'turns'], options, 40);
  const left = Math.min(56, Math.floor(options.width * 0.42));
  const right = options.width - left - 5;
  const one = panelLines(detail, facts, { ...options, width: left }, 40);
  const two = panelLines(detail, ['turns'], { ...options, width: Math.min(right, 96) }, turnLimit);
  const divider = options.theme.quiet(glyphs.divider);
  return Array.from({ length: Math.max(one.length, two.length) }, (_, row) => {
    const text = one[row] ?? '';
    return `${text === '' ? ' '.repeat(left) : text}  ${divider}  ${two[row] ?? ''}`;
  });
}

/** A turn known by its time, and which of those of that time it is, oldest 0: new turns come behind it, and it stays. */
export interface TurnMark {
  readonly at: number;
  readonly nth: number;
}

/** The mark of a turn, oldest 0, where `turns` are newest first; undefined: there is none. */
export function turnMark(turns: readonly TurnLine[], index: number): TurnMark | undefined {
  const place = turns.length - 1 - index;
  const at = turns[place]?.at;
  return at === undefined ? undefined : { at, nth: turns.slice(place + 1).filter((turn) => turn.at === at).length };
}

/** Oldest 0; the newest when none has the mark. */
export function turnIndex(turns: readonly TurnLine[], mark: TurnMark | undefined): number {
  const oldest = turns.findLastIndex((turn) => turn.at === mark?.at);
  const found = oldest - (mark?.nth ?? 0);
  return turns[found] === undefined || turns[found].at !== mark?.at ? turns.length - 1 : turns.length - 1 - found;
}
