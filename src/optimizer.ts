/** How an agent is started to cost less, to be quicker or to do more. One file each in `optimizers/`, named by its provider. */
export interface OptimizerModule {
  readonly title: string;
  /** Other names it is asked for by, lower case. */
  readonly aliases: readonly string[];
  /** `launch_only`: by how it is started; `config_and_launch`: also by a file of settings that the launcher names. */
  readonly support: 'config_and_launch' | 'launch_only';
  /** Its own settings, below the home directory; undefined: none are touched. */
  readonly configPath: string | undefined;
  readonly summary: string;
  readonly notes: readonly string[];
  /** Pages of its makers. */
  readonly docs: readonly string[];
  readonly presets: Readonly<Record<PresetId, PresetModule>>;
}

export const presetIds = ['most-savings', 'balanced', 'most-speed', 'most-power'] as const;
export type PresetId = (typeof presetIds)[number];

export interface PresetModule {
  readonly summary: string;
  readonly tradeoff: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Environment of the launcher; `~` stands for the home directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file of settings; its path is below the home directory. */
  readonly config?: { readonly path: string; readonly description: string; readonly content: string };
  readonly optimizations: readonly string[];
}

/** Identity; carries the types. */
export function defineOptimizer(optimizer: OptimizerModule): OptimizerModule {
  return optimizer;
}
