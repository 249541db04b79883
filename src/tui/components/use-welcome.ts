import type { Offer, OfferPlan } from '../offer.ts';
import type { Theme } from '../theme.ts';
import type { Point } from './key-bus.ts';
import { useLive } from './live.ts';
import {
  atWelcome,
  clickInWelcome,
  type FoundAgent,
  pressInWelcome,
  type Welcome,
  type WelcomePage,
  welcomePage,
} from './welcome.ts';

/** The welcome of a first start, as long as it is there. */
export interface WelcomeScreen {
  /** Undefined: it is over, or this is no first start. */
  readonly state: { readonly current: Welcome | undefined };
  /** All keys are text for it, or it is at work and takes none. */
  isOccupied(): boolean;
  press(name: string): void;
  click(at: Point): void;
  leave(): void;
  page(agents: readonly FoundAgent[] | undefined, place: PagePlace): WelcomePage;
}

interface PagePlace {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

/** `offers` undefined: no welcome. `onLeave`: it has just been left. */
export function useWelcome(offers: readonly Offer[] | undefined, onLeave: () => void): WelcomeScreen {
  const all = offers ?? [];
  const [state, set] = useLive<Welcome | undefined>(offers === undefined ? undefined : atWelcome);
  let drawn: WelcomePage = { lines: [], targets: [], mostAbove: 0 };

  function take(next: ReturnType<typeof pressInWelcome>, before: Welcome): void {
    set(next === undefined ? undefined : withinPage(next));
    if (next === undefined) return onLeave();
    const offer = all[next.chosen - 1];
    if (offer === undefined) return;
    if (next.do === 'plan') void plan(offer, next);
    if (next.do === 'carry out' && before.step.is === 'asked') void carryOut(before.step.plan, next);
  }

  /** What is below the last row cannot be moved to. */
  function withinPage({ chosen, done, step }: Welcome): Welcome {
    const from = 'from' in step ? Math.min(step.from, drawn.mostAbove) : 0;
    return { chosen, done, step: 'from' in step ? { ...step, from } : step };
  }

  /** Whatever comes of it belongs to the page only while that is waiting for it. */
  function arrive(from: Welcome, step: Welcome['step'], done = from.done): void {
    if (state.current !== undefined) set({ chosen: from.chosen, done, step });
  }

  async function plan(offer: Offer, before: Welcome): Promise<void> {
    const { step } = before;
    set({ ...before, step: { is: 'planning' } });
    try {
      const found = await offer.plan(step.is === 'typing' ? step.texts : []);
      if ('wrong' in found) {
        if (step.is === 'typing') arrive(before, { ...step, ...found });
        return;
      }
      const isNeeded = found.carryOut !== undefined;
      arrive(
        before,
        isNeeded ? { is: 'asked', plan: found, from: 0 } : { is: 'told', lines: found.lines, isDone: true, from: 0 },
      );
    } catch (error) {
      arrive(before, { is: 'told', lines: [textOf(error)], isDone: false, from: 0 });
    }
  }

  async function carryOut(chosen: OfferPlan, before: Welcome): Promise<void> {
    try {
      const lines = (await chosen.carryOut?.()) ?? [];
      arrive(before, { is: 'told', lines, isDone: true, from: 0 }, new Set([...before.done, before.chosen]));
    } catch (error) {
      arrive(before, { is: 'told', lines: [textOf(error)], isDone: false, from: 0 });
    }
  }

  return {
    state,
    isOccupied: () => state.current !== undefined && !['list', 'told'].includes(state.current.step.is),
    press(name) {
      const before = state.current;
      if (before !== undefined) take(pressInWelcome(before, name, all), before);
    },
    click(at) {
      const before = state.current;
      if (before !== undefined) take(clickInWelcome(before, drawn, at, all), before);
    },
    leave: () => set(undefined),
    page(agents, place) {
      const { current } = state;
      drawn = current === undefined ? drawn : welcomePage(current, { agents, offers: all }, place);
      return drawn;
    },
  };
}

/** What went wrong and the way out, as errors for the user have it. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { hint } = error as { readonly hint?: unknown };
  return typeof hint === 'string' ? `${error.message} ${hint}` : error.message;
}
