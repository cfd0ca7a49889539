import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import type { FollowedCall } from '../../authoring/dev/follow-calls.ts';
import type { Development, Refreshed } from '../../authoring/dev/development.ts';
import type { Trial, Trials } from '../../authoring/dev/trials.ts';
import { CommandFault, EXIT } from '../../failure.ts';
import { HubUnreachable } from '../../hub-client.ts';
import type { HubClient } from '../../hub-client.ts';
import { parseJsonObject, readJsonObject } from '../../input.ts';
import { interruption } from '../../interrupt.ts';
import { canAsk, confirmed } from '../../operator/ask.ts';
import type { HubPlugin } from '../../operator/hub-plugin.ts';
import { localHub } from '../../operator/local-hub.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';

const KEYS = 'r run an example (effects held back)   R run it for real   e send a sample event   y consent   q quit';

export default class PluginsDev extends BaseCommand {
  static override description =
    'Run a plugin in the hub on this machine while it is written: built and reloaded at every change, with faults shown in place, and each call with its data and duration. Taken out of the hub again at the end. With --json, one line for each thing that happens.';
  static override examples = [
    'tendril plugins dev',
    'tendril plugins dev ./acme_crm --yes --event "Signup Completed" --properties \'{"plan":"pro"}\'',
  ];
  static override args = { dir: Args.string({ default: '.', description: "the plugin's folder" }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'consent to what it may do, now and when that grows' }),
    keep: Flags.boolean({ description: 'leave it in the hub at the end', default: false }),
    settings: Flags.string({ description: 'its settings for the tenant: JSON, a file, or `-`' }),
    event: Flags.string({ description: 'send an event of this name when it runs' }),
    properties: Flags.string({ description: "the event's properties as JSON", dependsOn: ['event'] }),
    watch: Flags.boolean({ description: 'go on and follow changes; --no-watch ends after the first build', default: true, allowNo: true }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsDev);
    const [{ readAuthorFolder }, { Development: Develop }, { createTrials }] = await Promise.all([
      import('../../authoring/author-folder.ts'),
      import('../../authoring/dev/development.ts'),
      import('../../authoring/dev/trials.ts'),
    ]);
    const settings = flags.settings === undefined ? undefined : readJsonObject(flags.settings, '--settings');
    const properties = parseJsonObject(flags.properties ?? '{}', '--properties');
    const place = findPluginHome(process.env);
    const hub = localHub(place, process.env);
    if (hub === undefined)
      throw new HubUnreachable(`No hub runs on ${place.home.folder}, or its key is not at hand. Start one with \`tendril start\`.`);
    const folder = readAuthorFolder(args.dir);
    if (folder.id === '')
      throw new CommandFault('plugin.json names no id. `tendril plugins validate` tells what is wrong with it.', EXIT.refused);
    const development = new Develop(folder, place, hub);
    const trials = createTrials(development, hub, place.home.localFile);
    const stop = interruption();
    try {
      const first = await development.refresh();
      this.showRefresh(first);
      if (first.state === 'running') await this.enable(development, first.plugin, { isSure: flags.yes, settings });
      const calls = this.followCalls(development.id, hub, stop.signal);
      if (flags.event !== undefined) this.showTrial(await trials.send({ name: flags.event, properties }));
      if (flags.watch) await this.follow(development, trials, { isSure: flags.yes, stop });
      else if (first.state !== 'running') process.exitCode = EXIT.refused;
      stop.abort();
      await calls;
    } finally {
      stop.abort();
      if (!flags.keep) await development.end();
      this.tell(
        { type: 'ended', isKept: flags.keep },
        flags.keep ? `${development.id} stays in the hub.` : `${development.id} is taken out of the hub.`,
      );
    }
    return undefined;
  }

  /** Until somebody ends it. */
  private async follow(
    development: Development,
    trials: Trials,
    { isSure, stop }: { readonly isSure: boolean; readonly stop: AbortController },
  ): Promise<void> {
    const [{ watchFolder }, { onKeys }, { oneAtATime }] = await Promise.all([
      import('../../authoring/dev/watch-folder.ts'),
      import('../../authoring/dev/keys.ts'),
      import('../../authoring/dev/one-at-a-time.ts'),
    ]);
    const refresh = oneAtATime(async () => {
      const refreshed = await development.refresh();
      this.showRefresh(refreshed);
      if (refreshed.state !== 'running' || !needsEnabling(refreshed.plugin)) return;
      if (isSure) await development.enable(refreshed.plugin);
      else
        this.tell(
          { type: 'consent_needed', permissions: refreshed.plugin.permissionsInWords },
          'It asks for more than before: `y` consents, or `tendril plugins enable`.',
        );
    });
    const guarded = (work: () => Promise<void>): void => {
      work().catch((error: unknown) => this.showTrouble(error));
    };
    watchFolder(development.folder().path, stop.signal, () => guarded(refresh));
    this.tell(
      { type: 'watching', dir: development.folder().path },
      canAsk(this.jsonEnabled()) ? `Watching. ${KEYS}` : 'Watching; Ctrl-C ends it.',
    );
    if (canAsk(this.jsonEnabled()))
      onKeys(process.stdin, stop.signal, (key) => {
        if (key === 'q') stop.abort();
        else guarded(() => this.press(key, development, trials));
      });
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve();
      stop.signal.addEventListener('abort', () => resolve());
    });
  }

  private async press(key: string, development: Development, trials: Trials): Promise<void> {
    if (key === 'r' || key === 'R') this.showTrial(await trials.callNext({ isReal: key === 'R' }));
    if (key === 'e') this.showTrial(await trials.sendNext());
    if (key === 'y') {
      await development.consent();
      this.log('Consented.');
    }
  }

  private async enable(development: Development, plugin: HubPlugin, { isSure, settings }: Enabling): Promise<void> {
    if (!needsEnabling(plugin) && settings === undefined) return;
    if (plugin.consent.isNeeded && plugin.permissionsInWords.length > 0) {
      this.tell({ type: 'permissions', permissions: plugin.permissionsInWords }, `${plugin.title} could:`);
      if (!this.jsonEnabled()) for (const line of plugin.permissionsInWords) this.log(`  ${line}`);
      const question = `Let ${plugin.id} do that?`;
      const isAllowed = isSure || (await confirmed(question, { isJson: this.jsonEnabled(), otherwise: 'Say --yes.' }));
      if (!isAllowed) throw new CommandFault(`${plugin.id} was not enabled.`, EXIT.refused, 'NOT_CONFIRMED');
    }
    await development.enable(plugin, settings);
    this.tell({ type: 'enabled', id: plugin.id }, `${plugin.id} is enabled.`);
  }

  private async followCalls(id: string, hub: HubClient, signal: AbortSignal): Promise<void> {
    const { followCalls } = await import('../../authoring/dev/follow-calls.ts');
    await followCalls(hub, id, signal, {
      onCall: (call) => this.tell({ type: 'call', ...call }, callText(call)),
      onTrouble: (reason) => this.tell({ type: 'trouble', reason }, `Calls cannot be followed at the moment: ${reason}`),
    });
  }

  private showRefresh(refreshed: Refreshed): void {
    if (refreshed.state === 'running') {
      const { plugin, tookMs, sizeBytes, warnings } = refreshed;
      const took = Math.round(tookMs);
      const text = `${plugin.id} ${plugin.version} runs in the hub (${(sizeBytes / 1000).toFixed(1)} kB, ${took} ms${warnings.length > 0 ? `, ${warnings.length} warnings: \`tendril plugins validate\`` : ''}).`;
      this.tell({ type: 'reloaded', id: plugin.id, version: plugin.version, tookMs: took, sizeBytes, warnings }, text);
    } else if (refreshed.state === 'faulty') {
      this.tell(
        { type: 'faults', faults: refreshed.faults },
        [...refreshed.lines, 'The hub goes on with the build before, if there is one.'].join('\n'),
      );
    } else {
      this.tell(
        { type: 'refused', reasons: refreshed.reasons },
        `The hub did not take it:\n${refreshed.reasons.map((reason) => `  ${reason}`).join('\n')}`,
      );
    }
  }

  private showTrial(trial: Trial): void {
    this.tell({ type: 'trial', ...trial }, trial.says);
  }

  private showTrouble(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown';
    this.tell({ type: 'trouble', reason }, `That did not work: ${reason}`);
  }

  private tell(json: object, text: string): void {
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(json)}\n`);
    else this.log(text);
  }
}

interface Enabling {
  readonly isSure: boolean;
  readonly settings: object | undefined;
}

function needsEnabling({ isEnabled, consent }: HubPlugin): boolean {
  return !isEnabled || consent.isNeeded;
}

const LONGEST = 400;

function callText({ startedAt, handler, outcome, durationMs, attempt, input, output }: FollowedCall): string {
  const time = startedAt.slice(11, 23);
  const data = [input === undefined ? '' : ` ${shorten(input)}`, output === undefined ? '' : ` → ${shorten(output)}`].join('');
  return `${time}  ${handler}  ${outcome}  ${durationMs.toFixed(1)} ms${attempt > 1 ? `  attempt ${attempt}` : ''}${data}`;
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
