import { nearestName } from '../../nearest-name.ts';
import { isTimeZone } from '../waits/wake-time.ts';

/** Whether there is a zone of this name, and which one was probably meant. */
export function nearestTimeZone(
  name: string,
  others: readonly string[] = [],
): { readonly isValid: boolean; readonly suggestion: string | undefined } {
  if (others.includes(name) || isTimeZone(name)) return { isValid: true, suggestion: undefined };
  return { isValid: false, suggestion: nearestName(name, [...others, ...Intl.supportedValuesOf('timeZone')]) };
}
