import type { Call, RouteRequest } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';

/** Where the page of a form is, below the address of the hub. */
export function formPath(form: string, { tenant }: Pick<Call, 'tenant'>): string {
  return `/t/${tenant.id}/plugins/leads/forms/${form}`;
}

/** Where a confirmation is, below the address of the hub. */
export function confirmationPath(token: string, { tenant }: Pick<Call, 'tenant'>): string {
  return `/t/${tenant.id}/plugins/leads/confirm/${token}`;
}

/** The address of the hub: that of the settings, else as the person saw it. The hub has checked that it answers to this name. */
export function baseUrlOf({ headers }: Pick<RouteRequest, 'headers'>, { publicUrl }: Settings): string | undefined {
  if (publicUrl !== undefined) return publicUrl;
  const host = headers['host'];
  if (host === undefined || !/^[a-z0-9.:[\]-]{1,260}$/i.test(host)) return undefined;
  return `${/^(?:localhost|127\.|\[::1\])/.test(host) ? 'http' : 'https'}://${host}`;
}

/** Whether a script of this site may send the form; pages of the hub itself are sandboxed and say `null`. */
export function isAllowedOrigin(headers: Readonly<Record<string, string>>, allowed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origin === 'null' || allowed.includes('*') || allowed.includes(origin)) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
