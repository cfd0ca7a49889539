import { registerHooks } from 'node:module';

// What a plugin and its tests import of Tendril.
const OWN: ReadonlySet<string> = new Set(['@tendril/plugin-api', '@tendril/testkit']);
const state = { isProvided: false };

/**
 * From now on modules of this process find this program's copies of the contract and the test kit, wherever they lie:
 * a plugin's folder needs no packages of its own. Safe to call twice.
 */
export function provideOwnPackages(): void {
  if (state.isProvided) return;
  state.isProvided = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      OWN.has(specifier) ? next(specifier, { ...context, parentURL: import.meta.url }) : next(specifier, context),
  });
}
