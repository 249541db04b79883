import { posix, win32 } from 'node:path';
import type { LogEvent } from './events.ts';
import type { KeyedHash } from './keyed-hash.ts';
import type { ToldSink } from './told-turns.ts';

/** One agent's logs: where they are and how to read them. Decides nothing, stores nothing, prints nothing. */
export interface Provider {
  /** For people: "Claude Code"; a function of the host where the user may name it. The id is the file name. */
  readonly title: string | ((host: Host) => string);
  /** Raised when `parse` changes what it takes from the same bytes; files that still exist are then read again. */
  readonly parserVersion: number;
  /** Per kind of fact, how far the log can be trusted to hold it. */
  readonly capabilities: Capabilities;
  /** A sentence on a level that needs one: where the facts come from, or what is missing. Default: what the level means. */
  readonly capabilityNotes?: Partial<Readonly<Record<keyof Capabilities, string>>>;
  /** What the agent uses and writes down nowhere on this machine, in a sentence; never estimated. Absent: nothing known. */
  readonly unrecorded?: string;
  /** Places that show the agent is on this machine and tell no usage, so that they are named and never opened. Default: none. */
  signs?(host: Host): readonly Sign[];
  /**
   * Absolute directories to watch, most specific first, or single files. Pure but for `host.list` and `host.read`; they
   * need not exist. A root that is a file is read whatever its name, and is looked at every second or two.
   */
  roots(host: Host): readonly string[];
  /** May this path below a directory, relative to that root with `/` between parts, hold events? Pure, by name alone. */
  accepts(relativePath: string): boolean;
  /**
   * Is this file written anew as a whole at each change? Then each change means reading it from the start, whatever its
   * beginning and end say, and what lies under its name is the same log, even where an atomic save made it another file.
   * Pure, by name alone. Default: no.
   */
  rewrites?(relativePath: string): boolean;
  /**
   * Is this file, which `accepts` took, a SQLite database of the agent's? Pure, by name alone; absent: none is. Its `-wal`
   * is then a part of it, and its bytes say nothing about what is new: it is read again whenever either changes.
   */
  database?(relativePath: string): DatabaseTraits | undefined;
  /**
   * The folder beside this file, which `accepts` took, that holds the rest of it, by its path as for `LogFile.beside`: when
   * a name in it comes or goes, the file counts as changed. Pure, by name alone; absent: none does.
   */
  folder?(relativePath: string): string | undefined;
  readonly read: LogReader;
  /**
   * How many days after a log below this root was last written the agent itself deletes it; undefined: it never does, or
   * nobody knows. Pure but for `host`. Absent: undefined.
   */
  keepsDays?(root: string, host: Host): number | undefined;
}

/** A place of an agent's that no usage is read from. */
export interface Sign {
  readonly path: string;
  /** What it is, in a few words: "the application". */
  readonly what: string;
}

/** How a database of an agent is to be treated. */
export interface DatabaseTraits {
  /** In bytes: from this size on it is copied once an hour at most. Absent: whenever it has changed. */
  readonly largeFrom?: number;
}

export type CapabilityLevel = 'exact' | 'estimated' | 'unsupported';

export interface Capabilities {
  readonly skills: CapabilityLevel;
  readonly hooks: CapabilityLevel;
  readonly mcpIdentity: CapabilityLevel;
  readonly taskHistory: CapabilityLevel;
  readonly interactionTokens: CapabilityLevel;
}

/** What a provider may know of the machine. Handed in, so tests need no real home. */
export interface Host {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Names in a directory, [] when it cannot be listed. For roots that lie below a directory of unknown names. */
  list(directory: string): readonly string[];
  /** A small text file such as an agent's configuration; undefined when it cannot be read or is over 256 KiB. */
  read(path: string): string | undefined;
  /** What the user configured about logs of no agent's own: `providers.generic_paths` and `generic_name`. */
  readonly generic: { readonly paths: readonly string[]; readonly name: string };
}

/** An opened log. The descriptor belongs to the caller; a reader reads at offsets and never closes it. */
export interface LogFile {
  readonly fd: number;
  /** Absolute path and the same relative to its root, `/` between parts; `systemPath` makes of it what can be opened. */
  readonly path: string;
  readonly relativePath: string;
  /** Unique among all files ever read, and another once a file holds something else: scopes keys of records without an id. */
  readonly scope: string;
  /** Unique among all files ever read and kept when one is read anew: for keys that say enough of the record besides. */
  readonly number: number;
  /** Bytes to read up to, taken once when the file was opened. */
  readonly sizeBytes: number;
  /** Absolute path of a private directory for what a reader must copy; it need not exist, and is empty between readings. */
  readonly scratch: string;
  /** Of raw bytes: the only form in which log content may be kept. */
  readonly digest: KeyedHash;
  /** Takes responses that need not become events here. Absent: all become events. */
  readonly told?: ToldSink | undefined;
  /**
   * A small text file of the same agent, by its path from the log's root, `/` between parts; `..` reaches the folder that
   * holds the root and no further. Undefined when it is not there, is no regular file, or is over 256 KiB. It is not
   * watched: it says something about the log, and nothing that changes later.
   */
  readonly beside: (path: string) => string | undefined;
  /** Names in a folder reached in the same way, sorted; [] when it cannot be listed. */
  readonly namesBeside: (path: string) => readonly string[];
  /** A file reached in the same way, for a reader that picks from it: it may be content. Undefined also when it is over 16 MiB. */
  readonly bytesBeside: (path: string) => Buffer | undefined;
  /** Read an unfinished last line too when it is a whole record (the file has been still, or nobody will come back). */
  readonly takeTail: boolean;
}

/** Where a reader stopped and what it must remember. `state` is JSON of the provider's own making, without content. */
export interface Cursor {
  /** End of the last complete record in bytes. */
  readonly offset: number;
  readonly state: unknown;
}

/** Why a record was not taken. Never says what the record held. */
export type SkipReason = 'invalid' | 'oversize' | 'bad_value' | 'unknown_type';

export interface Skip {
  readonly offset: number;
  readonly reason: SkipReason;
}

export interface Batch {
  readonly events: readonly LogEvent[];
  readonly skipped: readonly Skip[];
  /** Records read in this batch, taken or not. */
  readonly records: number;
  readonly cursor: Cursor;
}

/**
 * Yields what is new in `file` since `from` (undefined: from the start). Stops at the last complete record.
 * Synchronous: reading is cheaper than waiting for it, and whoever must stay responsive takes one batch at a time.
 */
export type LogReader = (file: LogFile, from: Cursor | undefined) => Iterable<Batch>;

/** The file cannot be read just now; the others are, and it is tried again at the next look. */
export class UnreadableLog extends Error {
  /** As every fault has that is the file's and not ours. */
  readonly code = 'UNREADABLE_LOG';
}

/** Identity; carries the types. */
export function defineProvider(provider: Provider): Provider {
  return provider;
}

/** Path arithmetic of the machine the logs lie on. */
export function pathsOf(host: Host): typeof posix {
  return host.platform === 'win32' ? win32 : posix;
}

/** A path as a user writes it, `~` being the home directory. Undefined for nothing, and for a relative one: to what? */
export function absolutePath(host: Host, text: string | undefined): string | undefined {
  const { isAbsolute, resolve } = pathsOf(host);
  const path = text?.trim() ?? '';
  if (/^~(?:$|[/\\])/.test(path)) return resolve(host.home, path.slice(2));
  return isAbsolute(path) ? resolve(path) : undefined;
}
