/** The tracked file a batch of events came from. */
export interface EventSource {
  readonly fileId: number;
  readonly provider: string;
  readonly path: string;
  /** Time for records without a usable one: the file's at first reading. */
  readonly fallbackAt: number;
  /** No record may be younger: a day after both the clock and the file's time. */
  readonly latestAt: number;
}

export interface CheckpointUpdate {
  readonly fileId: number;
  readonly generation: number;
  readonly fromOffset: number;
  readonly offset: number;
  readonly tailHash: Buffer;
  readonly fp: Buffer;
  readonly fpLen: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: string | null;
  readonly parserVersion: number;
  readonly quarantined: boolean;
  readonly readAt: number;
  /** Where its provider broke on it, without a word of its content. */
  readonly failure: string | null;
  readonly counts: {
    readonly records: number;
    readonly invalid: number;
    readonly oversize: number;
    readonly bad_value: number;
    readonly unknown_type: number;
    readonly firstBadOffset: number | undefined;
  };
}

/** Somebody else moved the checkpoint meanwhile: nothing of the batch was written, read the checkpoint again. */
export class CheckpointMoved extends Error {}
