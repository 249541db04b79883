import { displaySafe, truncateToWidth } from '../../display.ts';
import { countOf } from '../../report/format.ts';
import type { Database } from '../../store/driver.ts';
import { sessionFiles } from '../../store/queries/session-head.ts';
import { sessionFacts } from '../../store/queries/sessions.ts';
import { defineCheck, type Fact, type Subject } from '../check.ts';

const dayMs = 24 * 60 * 60 * 1000;
const shownSessions = 5;

/** Which logs their own agents will delete next. What scopeon has read of them stays. */
export default defineCheck({
  title: 'Deleted soon',
  place: 9,
  look: (subject) => [...subject.discoveries.keys()].flatMap((id) => factOf(id, subject)),
});

interface Due {
  readonly sessionRowId: number;
  readonly session_id: string;
  readonly days: number;
}

function factOf(provider: string, { settings, discoveries, store, now }: Subject): readonly Fact[] {
  const logs = settings.providers.get(provider);
  const candidates = discoveries.get(provider)?.candidates ?? [];
  if (logs?.keepsDays === undefined || candidates.length === 0) return [];
  const roots = [...new Set(candidates.map((candidate) => candidate.root))];
  const keeps = new Map(roots.map((root) => [root, logs.keepsDays?.(root, settings.host)]));
  const daysLeft = new Map(
    candidates.flatMap((candidate) => {
      const days = keeps.get(candidate.root);
      if (days === undefined) return [];
      return [[candidate.path, Math.max(0, Math.ceil((candidate.mtimeMs + days * dayMs - now) / dayMs))] as const];
    }),
  );
  if (daysLeft.size === 0) return [];
  const sessions = store.db === undefined ? [] : sessionsDue(store.db, provider, daysLeft);
  const next = sessions.slice(0, shownSessions);
  const projects =
    store.db === undefined
      ? undefined
      : sessionFacts(
          store.db,
          next.map((each) => each.sessionRowId),
        );
  const named = next.map(({ sessionRowId, ...rest }) => ({
    ...rest,
    project: projects?.get(sessionRowId)?.project ?? null,
  }));
  const keptDays = [...new Set([...keeps.values()].filter((days) => days !== undefined))];
  return [
    {
      name: provider,
      label: provider,
      value: {
        keeps_days: keptDays,
        sessions: sessions.length,
        within_a_week: sessions.filter((session) => session.days <= 7).length,
        next: named,
      },
      text: [
        `deletes logs ${keptDays.map((days) => countOf(days, 'day')).join(' or ')} after their last line; their figures stay here`,
        ...named.map(({ days, session_id: id, project }) => {
          const when = days === 0 ? 'at its next start' : `in ${countOf(days, 'day')}`;
          return `${when}: ${truncateToWidth(displaySafe(id), 48)}${project === null ? '' : ` (${project})`}`;
        }),
      ],
    },
  ];
}

/** Sessions by the days until the last of their files goes, the next one first. */
function sessionsDue(db: Database, provider: string, daysLeft: ReadonlyMap<string, number>): readonly Due[] {
  const due = new Map<number, Due>();
  for (const { path, sessionRowId, sessionId } of sessionFiles(db, provider)) {
    const days = daysLeft.get(path);
    const known = due.get(sessionRowId);
    if (days !== undefined && (known === undefined || known.days < days))
      due.set(sessionRowId, { sessionRowId, session_id: sessionId, days });
  }
  return [...due.values()].sort((a, b) => a.days - b.days || (a.session_id < b.session_id ? -1 : 1));
}
