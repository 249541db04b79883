import type { Overrides } from '../metrics/overrides.ts';
import type { Host, Provider } from '../provider.ts';
import type { Notice, StorePaths } from '../store/open.ts';

/** Everything ingest needs to know; plain data but for the providers, so that a thread can be told the same. */
export interface IngestSettings {
  readonly paths: StorePaths & { readonly hmacKey: string };
  /** Those to read. */
  readonly providers: ReadonlyMap<string, Provider>;
  /** All there are, for whoever asks what is not read. Default: `providers`. */
  readonly known?: ReadonlyMap<string, Provider> | undefined;
  /** Set by `guardSettings`: what is wrong with a provider, by its id. */
  readonly faults?: ReadonlyMap<string, string> | undefined;
  readonly host: Host;
  readonly overrides: Overrides;
  /** What the user typed, to tell others who is ingesting. */
  readonly command: string;
  readonly now: () => number;
  readonly notice: Notice;
}
