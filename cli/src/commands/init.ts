import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { HubCommand } from '../base-command.ts';
import { followStream } from '../event-stream.ts';
import { snippet, SNIPPETS } from '../snippets.ts';
import type { SnippetKind } from '../snippets.ts';
import type { HubClient } from '../hub-client.ts';

export default class Init extends HubCommand {
  static override description = 'Attach the application in this folder: make an app and a write key, write both into its .env, print the lines to add, and wait for the first event.';
  static override flags = {
    for: Flags.string({ description: 'what the application is written in; found out from the folder unless given', options: Object.keys(SNIPPETS) }),
    dir: Flags.string({ description: 'the application\'s folder', default: '.' }),
    name: Flags.string({ description: 'what the app is called; the folder\'s name unless given' }),
    live: Flags.boolean({ description: 'a live app; a test app without it' }),
    wait: Flags.boolean({ description: 'wait for the first event', default: true, allowNo: true }),
    'timeout-seconds': Flags.integer({ description: 'how long to wait', default: 600, min: 1 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Init);
    const folder = resolve(flags.dir);
    const hub = this.hub(flags);
    const environmentFile = resolve(folder, '.env');
    const { appId, writeKey } = await this.findApp(hub, environmentFile, flags.name ?? basename(folder), !flags.live);
    writeSettings(environmentFile, { TENDRIL_HOST: hub.address.url, TENDRIL_APP: appId, TENDRIL_WRITE_KEY: writeKey });
    const kind = (flags.for ?? detect(folder)) as SnippetKind;
    const lines = snippet(kind, hub.address.url, writeKey);
    this.log(`Settings written to ${environmentFile}.\n\n${SNIPPETS[kind]}\n\n${lines}\n`);
    if (!flags.wait) return { appId, writeKey, kind, lines };
    this.log('Waiting for the first event …');
    const first = await firstEvent(hub, appId, flags['timeout-seconds'] * 1000);
    if (first === undefined) this.error('No event has arrived. Check the host and the write key, then run `tendril init` again: it keeps the app.', { exit: 5 });
    this.log(`It works: "${first}" has arrived.`);
    return { appId, writeKey, kind, lines, firstEvent: first };
  }

  /** The app of an earlier `init` in this folder, or a new one. */
  private async findApp(hub: HubClient, environmentFile: string, name: string, isTest: boolean): Promise<{ appId: string; writeKey: string }> {
    const known = existsSync(environmentFile) ? readFileSync(environmentFile, 'utf8') : '';
    const appId = /^TENDRIL_APP=(.+)$/m.exec(known)?.[1];
    const writeKey = /^TENDRIL_WRITE_KEY=(.+)$/m.exec(known)?.[1];
    const apps = await hub.list<{ id: string }>('/v1/apps', 1000);
    if (appId !== undefined && writeKey !== undefined && apps.some((app) => app.id === appId)) return { appId, writeKey };
    const app = await hub.request<{ id: string }>('POST', '/v1/apps', { name, isTest, origins: ['*'] });
    const key = await hub.request<{ secret: string }>('POST', '/v1/keys', { kind: 'write', appId: app.id });
    return { appId: app.id, writeKey: key.secret };
  }
}

function detect(folder: string): SnippetKind {
  const has = (name: string) => existsSync(resolve(folder, name));
  if (has('requirements.txt') || has('pyproject.toml') || has('app.py')) return 'flask';
  if (has('index.html') && !has('package.json')) return 'web';
  return 'node';
}

/** Sets the lines of an .env file; leaves all others as they are. */
function writeSettings(path: string, settings: Readonly<Record<string, string>>): void {
  const kept = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter((line) => !Object.keys(settings).some((name) => line.startsWith(`${name}=`))) : [];
  while (kept.at(-1) === '') kept.pop();
  writeFileSync(path, [...kept, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), ''].join('\n'));
}

async function firstEvent(hub: HubClient, appId: string, timeoutMs: number): Promise<string | undefined> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  let first: string | undefined;
  await followStream(hub.address, stop.signal, (event) => {
    if (event['appId'] !== appId) return;
    first ??= event.name;
    stop.abort();
  });
  clearTimeout(timer);
  return first;
}
