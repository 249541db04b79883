import { z } from 'zod';

/** What the check of a setting does beyond its schema. */
export interface SettingNotes {
  /** A value to take in place of a near miss, with the reason for the warning (none: no warning). Undefined: nothing to correct. */
  readonly correct?: (value: unknown) => { readonly value: unknown; readonly why?: string } | undefined;
  /** Why a good value deserves a warning all the same. */
  readonly advise?: (value: unknown) => string | undefined;
  /** The value may be or hold a secret and is never shown. */
  readonly secret?: boolean;
}

export const settingNotes = z.registry<SettingNotes>();
