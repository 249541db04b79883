import type { LoadedConfig } from '../config.ts';
import type { Discovery } from '../ingest/discover.ts';
import type { GuardedSettings } from '../ingest/guard.ts';
import type { StoreFindings } from '../store/examine.ts';

/** One section of `scopeon doctor`. It looks and changes nothing; what could mend something it hands back to be called. */
export interface Check {
  readonly title: string;
  /** Where it stands on the page; the least first. */
  readonly place: number;
  /** What was found, in the order to be shown. May be empty: then there is no section. */
  look(subject: Subject): readonly Fact[];
}

/** What there is to look at. */
export interface Subject {
  /** The program's own version. */
  readonly version: string;
  readonly settings: GuardedSettings;
  readonly loaded: LoadedConfig;
  readonly store: StoreFindings;
  /** What lies on the disk now, by provider; of those that are read. */
  readonly discoveries: ReadonlyMap<string, Discovery>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly now: number;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Fact {
  /** Key in the JSON, unique within its section. */
  readonly name: string;
  readonly value: Json;
  /** Before the text on the page. Absent: the fact is for programs only, unless there is advice. */
  readonly label?: string;
  /** For people; each is wrapped on its own. Names in it are made safe to print by whoever prints. Default: the value. */
  readonly text?: string | readonly string[];
  /** Something to do: what is wrong and the way out, in a sentence or two. Absent: all is well. */
  readonly advice?: string;
  /** Mends it; called only when the user asks for it. Returns what was done, in a sentence. */
  mend?(): string | Promise<string>;
}

/** Identity; carries the type. */
export function defineCheck(check: Check): Check {
  return check;
}
