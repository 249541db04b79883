import type { TextBody } from '../report/prometheus.ts';

/** Answers that still hold: of the same question to the same data, a moment ago. */
export interface AnswerMemory {
  /** What was answered to this, or what `make` answers now. `version`: another one with every change of the data. */
  of(question: string, version: number, make: () => TextBody): TextBody;
}

/** Some figures go by the clock: how full a day is, whether a session is live. */
const keptMs = 1_000;
const mostAnswers = 32;
const largestAnswer = 256 * 1024; // UTF-16 units

/** `clock` never goes back, in ms. */
export function createAnswerMemory(clock: () => number): AnswerMemory {
  const known = new Map<string, { readonly answer: TextBody; readonly until: number }>();
  let of: number | undefined;
  return {
    of(question, version, make) {
      if (version !== of) known.clear();
      of = version;
      const found = known.get(question);
      if (found !== undefined && clock() < found.until) return found.answer;
      known.delete(question);
      const answer = make();
      if (answer.text.length > largestAnswer) return answer;
      known.set(question, { answer, until: clock() + keptMs });
      const [oldest] = known.keys();
      if (known.size > mostAnswers && oldest !== undefined) known.delete(oldest);
      return answer;
    },
  };
}
