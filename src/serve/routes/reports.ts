import { z } from 'zod';
import { parseZone } from '../../metrics/calendar.ts';
import { parseWhen } from '../../metrics/when.ts';
import { buildReport } from '../../report/build.ts';
import { type ReportKind, reportKinds } from '../../report/kinds.ts';
import { reportSchema } from '../../report/schema.ts';
import { shownModel, type Tier } from '../../report/shown-model.ts';
import { limitOf, nameParameter } from '../query.ts';
import { defineRoute, RouteError, tierTooLow } from '../route.ts';
import { shownReport } from '../shown-report.ts';

const names = z.array(nameParameter).max(50).default([]);
const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((text) => text === 'true' || text === '1')
  .describe('true or false');
const when = z.string().max(64).describe('a date such as 2026-04-01, today, 7d or an instant');

const query = z.object({
  by: z.enum(reportKinds).describe(`one of ${reportKinds.join(', ')}`),
  since: when.optional(),
  until: when.optional(),
  timezone: z.string().max(64).describe('an IANA name such as Europe/Berlin').optional(),
  start_of_week: z.enum(['monday', 'sunday']).describe('monday or sunday').default('monday'),
  provider: names,
  model: names,
  project: names,
  branch: names,
  tag: names,
  breakdown: flag.default(false),
  subagents: flag.default(false),
  order: z.enum(['asc', 'desc']).describe('asc or desc').optional(),
  limit: limitOf(1_000),
  mode: z.enum(['auto', 'calculate', 'display']).describe('auto, calculate or display').default('auto'),
  session_length: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.number().min(1).max(168))
    .describe('a whole number of hours from 1 to 168')
    .default(5),
});

type Asked = z.output<typeof query>;

export default defineRoute({
  path: '/api/v1/reports/{by}',
  tier: tierOf,
  summary: 'Any report of the command line, as its --json prints it',
  query,
  answer: reportSchema,
  isLong: true,
  handle: (deps, asked) => {
    // Whoever may not read a private model's name must not find it by asking for it either.
    if (deps.tier < 2 && asked.model.some((model) => shownModel(model, deps) !== model)) throw tierTooLow(2);
    const zone = zoneOf(asked.timezone) ?? deps.zone;
    const at = (edge: 'since' | 'until', text: string | undefined) => {
      if (text === undefined) return undefined;
      try {
        return parseWhen(text, { now: deps.now, zone, edge });
      } catch {
        throw new RouteError(400, 'bad_request', `${edge} must be a date such as 2026-04-01, today, 7d or an instant`);
      }
    };
    const since = at('since', asked.since);
    const until = at('until', asked.until);
    const report = buildReport(deps.db, {
      by: asked.by,
      scope: {
        fromMs: since?.atMs,
        toMs: until?.atMs,
        providers: asked.provider,
        models: asked.model,
        projects: asked.project,
        branches: asked.branch,
        tags: asked.tag,
      },
      zone,
      since: since?.text ?? null,
      until: until?.text ?? null,
      startOfWeek: asked.start_of_week,
      sessionLengthHours: asked.session_length,
      subagents: asked.subagents,
      breakdown: asked.breakdown,
      mode: asked.mode,
      noCost: false,
      order: asked.order,
      limit: asked.limit,
      now: deps.now,
      asOf: undefined,
      paths: false,
      book: deps.book,
    });
    return shownReport(report, deps);
  },
});

const tiers: Readonly<Record<ReportKind, Tier>> = {
  hour: 1,
  day: 1,
  week: 1,
  month: 1,
  block: 1,
  provider: 1,
  model: 1,
  session: 2,
  project: 2,
  branch: 2,
  tag: 2,
  tool: 3,
  agent: 3,
};

/** A filter by a name needs the tier that tells such names. */
function tierOf(asked: Asked): Tier {
  const byName = asked.project.length + asked.branch.length + asked.tag.length > 0;
  return byName && tiers[asked.by] < 2 ? 2 : tiers[asked.by];
}

function zoneOf(name: string | undefined) {
  if (name === undefined) return undefined;
  try {
    return parseZone(name);
  } catch {
    throw new RouteError(400, 'bad_request', 'timezone must be an IANA name such as Europe/Berlin');
  }
}
