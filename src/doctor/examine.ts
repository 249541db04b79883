import { describeFault } from '../ingest/guard.ts';
import { loadMembers } from '../members.ts';
import type { DoctorJson } from '../report/shape.ts';
import { isCorruption } from '../store/trouble.ts';
import type { Check, Fact, Subject } from './check.ts';

/** A section with its facts as people read them. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly facts: readonly Fact[];
  /** What was mended just now, a sentence each. */
  readonly mended: readonly string[];
}

/**
 * Looks at everything; with `fix`, mends what can be mended and looks again. A check that fails never stops the others.
 * `open` gives a subject of which the store's handle is closed here.
 */
export async function examineAll(open: () => Subject, fix: boolean): Promise<readonly Section[]> {
  const checks = await loadMembers<Check>('doctor/checks');
  const first = await lookOnce(checks, open);
  if (!fix) return first;
  const mended = new Map<string, readonly string[]>();
  for (const { id, facts } of first) {
    const done: string[] = [];
    for (const fact of facts) if (fact.mend !== undefined) done.push(await fact.mend());
    mended.set(id, done);
  }
  if ([...mended.values()].every((done) => done.length === 0)) return first;
  const second = await lookOnce(checks, open);
  return second.map((section) => ({ ...section, mended: mended.get(section.id) ?? [] }));
}

async function lookOnce(checks: ReadonlyMap<string, Check>, open: () => Subject): Promise<readonly Section[]> {
  const subject = open();
  try {
    return [...checks]
      .sort(([, a], [, b]) => a.place - b.place)
      .map(([id, check]) => ({ id, title: check.title, facts: look(check, subject), mended: [] }))
      .filter((section) => section.facts.length > 0);
  } finally {
    subject.store.handle?.close();
  }
}

function look(check: Check, subject: Subject): readonly Fact[] {
  try {
    return check.look(subject);
  } catch (error) {
    const advice = isCorruption(error)
      ? 'The database is damaged: scopeon doctor --fix keeps it aside and rebuilds it.'
      : `This could not be looked at (${describeFault(error)}): please report that.`;
    return [{ name: 'failed', label: 'Failed', value: true, text: 'not looked at', advice }];
  }
}

export function doctorJson(sections: readonly Section[], version: string, now: number): DoctorJson {
  const list = sections.map(({ id, title, facts, mended }) => {
    const todo = facts.flatMap(({ name, advice }) => (advice === undefined ? [] : [{ fact: name, advice }]));
    return {
      id,
      title,
      ok: todo.length === 0,
      facts: Object.fromEntries(facts.map((fact) => [fact.name, fact.value])),
      todo,
      mended,
    };
  });
  return {
    schema_version: 1,
    generated_at: new Date(now).toISOString(),
    version,
    ok: list.every((section) => section.ok),
    sections: list,
  };
}
