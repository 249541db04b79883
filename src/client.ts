/** Where a client of MCP servers reads which to start, and how an entry looks there. One file each in `clients/`. */
export interface ClientModule {
  /** What its makers call it. */
  readonly title: string;
  /** The provider that reads its logs, by its id; absent: none does. */
  readonly provider?: string;
  readonly syntax: 'json' | 'toml';
  /** The key whose members are the servers. */
  readonly key: string;
  /** Absolute path of the file; undefined: it has no file of that scope. */
  file(place: ClientPlace, scope: RegistrationScope): string | undefined;
  /** Where older versions of it read; absent: the same place. Written only when asked for. */
  oldFile?(place: ClientPlace): string;
  /** What a server gets of the client's environment. Default: most of it, and the client is started from a shell. */
  readonly handsOn?: 'nothing';
  /** Undefined: `command` and `args` as they are. */
  entry?(start: ServerStart): Readonly<Record<string, unknown>>;
  /** Told after registering: what the user has to do there. */
  readonly afterwards: string;
}

export type RegistrationScope = 'user' | 'project';

export interface ClientPlace {
  readonly home: string;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  join(...parts: readonly string[]): string;
}

/** How the server is started. */
export interface ServerStart {
  readonly command: string;
  readonly args: readonly string[];
  /** What it needs of the environment, for clients that hand on none. */
  readonly env: Readonly<Record<string, string>>;
}

/** Identity; carries the types. */
export function defineClient(client: ClientModule): ClientModule {
  return client;
}
