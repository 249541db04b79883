/** Types of rows that hold nothing we take. Whatever is in neither list is counted as unknown. */
export const silentTypes: ReadonlySet<string> = new Set([
  'summary',
  'ai-title',
  'custom-title',
  'agent-name',
  'last-prompt',
  'file-history-snapshot',
  'mode',
  'permission-mode',
  'queue-operation',
  'bridge-session',
  'worktree-state',
  'started',
  'result',
  'relocated',
  'frame-link',
]);

/** Likewise those of the type `system`, by their subtype. */
export const silentSubtypes: ReadonlySet<string> = new Set([
  'turn_duration',
  'informational',
  'away_summary',
  'local_command',
  'bridge_status',
]);
