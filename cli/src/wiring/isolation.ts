import type { HubOptions, PluginSource } from '@tendril/engine';

type Isolation = NonNullable<HubOptions['isolation']>;

/** What runs plugins that are not trusted. */
export async function openIsolation(): Promise<Isolation | undefined> {
  const module: object = await import('@tendril/isolation');
  return 'createIsolation' in module ? (module.createIsolation as () => Isolation)() : undefined;
}

/** Where nothing can fence them in, plugins that are not trusted are not run at all. */
export function withoutForeign(sources: readonly PluginSource[]): readonly PluginSource[] {
  return sources.map((source) =>
    source.isTrusted === true || source.fault !== undefined
      ? source
      : { ...source, fault: { message: 'is not trusted, and cannot be run apart here', code: 'PLUGIN_FAULTY' } },
  );
}
