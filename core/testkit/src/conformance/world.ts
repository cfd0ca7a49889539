import type { CheckedPlugin } from '@tendril/engine/plugins';
import type { Bench } from './bench/open-bench.ts';
import type { ConformanceOptions } from './contract.ts';
import type { PluginPackage } from './plugin-package.ts';

/** What the checks that run the plugin work with. */
export interface World {
  readonly pack: PluginPackage;
  readonly plugin: CheckedPlugin;
  readonly options: ConformanceOptions;
  /** Opened when it is first asked for, the same for all checks. */
  readonly bench: () => Promise<Bench>;
}
