import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubSpotCredentials } from './hubspot/hubspot-vendor.ts';
import type { SalesforceCredentials } from './salesforce/salesforce-oauth.ts';

/** The file that running sandboxes write into their folder. */
export const SANDBOXES_FILE = 'sandboxes.json';

/** Where the sandboxes listen and what logs in to them. */
export interface SandboxServices {
  readonly salesforce: SalesforceCredentials & {
    readonly url: string;
    readonly loginUrl: string;
    readonly instanceUrl: string;
    readonly accessToken: string;
  };
  /** `accessToken` is of a private app; `oauth` belongs to a connection that logged in by OAuth. */
  readonly hubspot: HubSpotCredentials & {
    readonly url: string;
    readonly basePath: string;
    readonly oauth: { readonly accessToken: string };
  };
  readonly segment: { readonly url: string; readonly endpoint: string; readonly settingsEndpoint: string; readonly writeKey: string };
  readonly smtp: { readonly host: string; readonly port: number; readonly apiUrl: string };
}

/** Ports of the sandboxes; 0 picks a free one. */
export interface SandboxPorts {
  readonly salesforce: number;
  readonly hubspot: number;
  readonly segment: number;
  readonly smtp: number;
  readonly mailApi: number;
}

/** What `sandboxes.json` holds. */
export interface SandboxesFile {
  readonly pid: number;
  readonly ports: SandboxPorts;
  readonly services: SandboxServices;
}

/** Reads what sandboxes of this folder wrote when they were ready; `undefined` where none ever were. */
export function readSandboxesFile(folder: string): SandboxesFile | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, SANDBOXES_FILE), 'utf8')) as SandboxesFile;
  } catch {
    return undefined;
  }
}
