import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { HubCommand } from '../base-command.ts';
import { followLog } from '../event-stream.ts';
import { CommandFault, EXIT } from '../failure.ts';
import type { HubClient } from '../hub-client.ts';
import { interruption } from '../interrupt.ts';
import { readSettings, withSettings } from '../settings-file.ts';
import { detectKind, isSnippetKind, snippet, SNIPPETS } from '../snippets.ts';

export default class Init extends HubCommand {
  static override description =
    'Attach the application in this folder: make an app and a write key, write both into its .env, print the lines to add, and wait for the first event.';
  static override examples = ['tendril init', 'tendril init --for flask --no-wait'];
  static override flags = {
    for: Flags.string({
      description: 'what the application is written in; found out from the folder unless given',
      options: Object.keys(SNIPPETS),
    }),
    dir: Flags.string({ description: "the application's folder", default: '.' }),
    name: Flags.string({ description: "what the app is called; the folder's name unless given" }),
    live: Flags.boolean({ description: 'a live app; a test app without it' }),
    wait: Flags.boolean({ description: 'wait for the first event', default: true, allowNo: true }),
    'timeout-seconds': Flags.integer({ description: 'how long to wait', default: 600, min: 1 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Init);
    const folder = resolve(flags.dir);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new CommandFault(`${folder} is not a folder.`);
    const hub = this.hub(flags);
    const environmentFile = join(folder, '.env');
    const app = await findApp(hub, environmentFile, flags.name ?? basename(folder), !flags.live);
    writeSettings(environmentFile, { TENDRIL_URL: hub.address.url, TENDRIL_APP: app.appId, TENDRIL_WRITE_KEY: app.writeKey });
    const kind = isSnippetKind(flags.for) ? flags.for : detectKind((name) => existsSync(join(folder, name)));
    const lines = snippet(kind, hub.address.url, app.writeKey);
    const result = { ...app, kind, lines, environmentFile };
    this.log(`Settings written to ${environmentFile}.\n\n${SNIPPETS[kind]}\n\n${lines}\n`);
    if (!flags.wait) return result;
    const first = await this.firstEvent(hub, app.appId, flags['timeout-seconds'] * 1000);
    this.log(`It works: "${first}" has arrived.`);
    return { ...result, firstEvent: first };
  }

  private async firstEvent(hub: HubClient, appId: string, timeoutMs: number): Promise<string> {
    const stop = interruption();
    const timer = setTimeout(() => stop.abort(), timeoutMs);
    let first: string | undefined;
    await followLog({
      hub,
      signal: stop.signal,
      onReady: () => {
        this.note('Waiting for the first event; Ctrl-C stops waiting …');
      },
      onEvent: (event) => {
        if (event.appId !== appId) return;
        first = event.name;
        stop.abort();
      },
    });
    clearTimeout(timer);
    if (first !== undefined) return first;
    const advice = 'Check the host and the write key, then run `tendril init` again: it keeps the app.';
    throw new CommandFault(`No event has arrived. ${advice}`, EXIT.tryAgain, 'NO_EVENT');
  }
}

interface App {
  readonly appId: string;
  readonly writeKey: string;
}

/** The app of an earlier `init` in this folder, or a new one. */
async function findApp(hub: HubClient, environmentFile: string, name: string, isTest: boolean): Promise<App> {
  const known = readSettings(existsSync(environmentFile) ? readFileSync(environmentFile, 'utf8') : '');
  const { TENDRIL_APP: appId, TENDRIL_WRITE_KEY: writeKey } = known;
  const apps = await hub.list<{ id: string }>('/v1/apps', 1000);
  if (appId !== undefined && writeKey !== undefined && apps.some((app) => app.id === appId)) return { appId, writeKey };
  const app = await hub.request<{ id: string }>('POST', '/v1/apps', { name, isTest, origins: ['*'] });
  const key = await hub.request<{ secret: string }>('POST', '/v1/keys', { kind: 'write', appId: app.id });
  return { appId: app.id, writeKey: key.secret };
}

function writeSettings(path: string, settings: Readonly<Record<string, string>>): void {
  writeFileSync(path, withSettings(existsSync(path) ? readFileSync(path, 'utf8') : '', settings));
}
