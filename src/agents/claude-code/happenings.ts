import { knownCount, timeOf } from '../../readers/values.ts';
import { type Context, rowKeyOf } from './notes.ts';
import type { Row } from './plan.ts';
import { silentSubtypes } from './silent.ts';

/** What the agent itself did. */
export function takeSystem(row: Row, context: Context): void {
  const common = { key: rowKeyOf(row, context), session: context.state.session, at: timeOf(row.timestamp) } as const;
  const meta = row.compactMetadata;
  switch (row.subtype) {
    case 'compact_boundary':
      return context.emit({
        kind: 'compaction',
        ...common,
        trigger: meta?.trigger,
        preTokens: knownCount(meta?.preTokens ?? meta?.pre_tokens),
        postTokens: knownCount(meta?.postTokens ?? meta?.post_tokens),
        micro: false,
      });
    case 'microcompact_boundary':
      return context.emit({
        kind: 'compaction',
        ...common,
        trigger: row.microcompactMetadata?.trigger,
        preTokens: knownCount(row.microcompactMetadata?.preTokens),
        micro: true,
      });
    case 'stop_hook_summary': {
      const durationMs = (row.hookInfos?.items ?? []).reduce(
        (sum, hook) => sum + (knownCount(hook.durationMs) ?? 0),
        0,
      );
      return context.emit({
        kind: 'activity',
        ...common,
        type: 'hook',
        phase: 'complete',
        name: 'Stop',
        hookType: 'Stop',
        count: knownCount(row.hookCount),
        durationMs: durationMs || undefined,
        success: row.preventedContinuation !== true,
      });
    }
    case 'api_error':
      return context.emit({
        kind: 'activity',
        ...common,
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: knownCount(row.error?.fields?.status)?.toString(),
        success: false,
      });
    default:
      if (row.subtype === undefined || !silentSubtypes.has(row.subtype)) context.unknownType();
  }
}

/** What was put before the model: hooks, skills and plans among it. */
export function takeAttachment(row: Row, context: Context): void {
  const { attachment } = row;
  const common = {
    kind: 'activity',
    key: rowKeyOf(row, context),
    session: context.state.session,
    at: timeOf(row.timestamp),
  } as const;
  if (attachment?.type?.startsWith('hook_')) {
    const exitCode = attachment.exitCode;
    return context.emit({
      ...common,
      type: 'hook',
      phase: 'complete',
      name: attachment.hookName ?? attachment.hookEvent ?? 'hook',
      hookType: attachment.hookEvent,
      status: attachment.type,
      success: exitCode === undefined ? undefined : exitCode === 0,
      durationMs: knownCount(attachment.durationMs),
    });
  }
  if (attachment?.type === 'skill_listing')
    return context.emit({
      ...common,
      type: 'skill',
      phase: 'emitted',
      name: 'skill_listing',
      count: knownCount(attachment.skillCount),
    });
  if (attachment?.type === 'plan_mode')
    return context.emit({ ...common, type: 'plan', phase: 'start', name: 'plan_mode' });
  if (attachment?.type === 'plan_mode_exit')
    return context.emit({ ...common, type: 'plan', phase: 'complete', name: 'plan_mode' });
}
