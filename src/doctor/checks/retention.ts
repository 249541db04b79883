import { displaySafe, tildePath } from '../../display.ts';
import type { Candidate } from '../../ingest/discover.ts';
import { countOf } from '../../report/format.ts';
import { topSessionsNamed } from '../../store/queries/session-head.ts';
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
  readonly candidate: Candidate;
  readonly days: number;
}

function factOf(provider: string, subject: Subject): readonly Fact[] {
  const { settings, discoveries, store, now, home } = subject;
  const logs = settings.providers.get(provider);
  const discovery = discoveries.get(provider);
  if (logs?.keepsDays === undefined || discovery === undefined) return [];
  const keeps = new Map(
    [...new Set(discovery.candidates.map((candidate) => candidate.root))].map((root) => [
      root,
      logs.keepsDays?.(root, settings.host),
    ]),
  );
  const due = discovery.candidates
    .flatMap((candidate): readonly Due[] => {
      const days = keeps.get(candidate.root);
      if (days === undefined) return [];
      return [{ candidate, days: Math.max(0, Math.ceil((candidate.mtimeMs + days * dayMs - now) / dayMs)) }];
    })
    .sort((a, b) => a.days - b.days || (a.candidate.path < b.candidate.path ? -1 : 1));
  if (due.length === 0) return [];
  const names = new Map(due.map(({ candidate }) => [candidate, stemOf(candidate)]));
  const rows =
    store.db === undefined ? new Map<string, number>() : topSessionsNamed(store.db, provider, [...names.values()]);
  const facts = store.db === undefined ? new Map() : sessionFacts(store.db, [...rows.values()]);
  // Subagents' logs go with their session's, and what was never read has no figures to keep.
  const sessions = due.flatMap(({ candidate, days }) => {
    const id = names.get(candidate) ?? '';
    const rowId = rows.get(id);
    const project: string | null = rowId === undefined ? null : (facts.get(rowId)?.project ?? null);
    return rowId === undefined ? [] : [{ session_id: id, project, days, path: tildePath(candidate.path, home) }];
  });
  const soon = sessions.slice(0, shownSessions);
  const keptDays = [...new Set([...keeps.values()].filter((days) => days !== undefined))];
  return [
    {
      name: provider,
      label: provider,
      value: {
        keeps_days: keptDays,
        sessions: sessions.length,
        within_a_week: sessions.filter((session) => session.days <= 7).length,
        next: soon,
      },
      text: [
        `deletes logs ${keptDays.map((days) => countOf(days, 'day')).join(' or ')} after their last line; their figures stay here`,
        ...soon.map(
          (session) =>
            `${session.days === 0 ? 'at its next start' : `in ${countOf(session.days, 'day')}`}: ${displaySafe(session.session_id, 64)}${session.project === null ? '' : ` (${session.project})`}`,
        ),
      ],
    },
  ];
}

/** `…/8f2c….jsonl` is the log of session 8f2c…. */
function stemOf({ relativePath }: Candidate): string {
  const name = relativePath.slice(relativePath.lastIndexOf('/') + 1);
  const dot = name.indexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
}
