import { TendrilError } from '@tendril/plugin-api';
import type { EnvironmentName } from '../../environments.ts';

/**
 * Whether what somebody starts by hand reaches sandboxes only. As apps of an environment other than production are test apps,
 * so is all that is started in it: a version that is only tried out acts on nobody.
 *
 * @param asked what the caller says; the environment decides when it says nothing
 * @throws TendrilError INPUT_INVALID for live runs outside production
 */
export function isTestIn(environment: EnvironmentName, asked: boolean | undefined): boolean {
  const isTest = asked ?? environment !== 'production';
  if (isTest || environment === 'production') return isTest;
  const message = `must not be false in ${environment}: only production acts on real people`;
  throw new TendrilError('INPUT_INVALID', { in: 'body', problems: [{ pointer: '/isTest', message }] });
}
