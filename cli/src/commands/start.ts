import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';

export default class Start extends BaseCommand {
  static override description =
    'Run the hub: ingest, API, dashboard, pipelines. Everything lies in one folder (TENDRIL_HOME, or .tendril here).';
  static override examples = ['tendril start', 'PORT=0 tendril start --json', 'DATABASE_URL=… REDIS_URL=… tendril start --role worker'];
  static override flags = {
    demo: Flags.boolean({ description: 'replay real bank marketing records through the hub as a demonstration' }),
    empty: Flags.boolean({ description: 'no demonstration; wins over --demo' }),
    production: Flags.boolean({
      description: 'refuse demo keys and a missing master key; also with NODE_ENV=production',
      default: process.env['NODE_ENV'] === 'production',
    }),
    role: Flags.string({
      description: 'what this process is for: all, or some of api, worker, scheduler, analytics; also TENDRIL_ROLE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'accept-lock': Flags.boolean({
      description: "make this process's plugins those of the installation; processes with others then take no more work",
    }),
    'log-level': Flags.string({
      description: 'what goes to standard error',
      options: ['debug', 'info', 'warn', 'error', 'silent'],
      default: 'warn',
    }),
    'leads-per-second': Flags.integer({ description: 'pace of the demonstration', default: 3, min: 1, max: 200, hidden: true }),
    'demo-records': Flags.integer({ description: 'how many records the demonstration uses', min: 100, hidden: true }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Start);
    // Everything heavy is imported here: other commands start faster without it.
    const { runHub } = await import('../wiring/run-hub.ts');
    const running = await runHub({
      isDemo: flags.demo && !flags.empty,
      isProduction: flags.production,
      roles: flags.role ?? [],
      acceptsLock: flags['accept-lock'],
      logLevel: flags['log-level'],
      leadsPerSecond: flags['leads-per-second'],
      ...(flags['demo-records'] === undefined ? {} : { demoRecords: flags['demo-records'] }),
      environment: process.env,
      report: (line) => {
        if (!this.jsonEnabled()) this.log(line);
      },
    });
    const { url, writeKey, secretKey, tenant, dataDir, roles } = running;
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify({ url, writeKey, secretKey, tenant, dataDir, roles })}\n`);
    else this.log(running.loginUrl === undefined ? welcomeWorker(running) : welcome(running.loginUrl, running));
    await running.stopped;
    return undefined;
  }

  protected override logJson(json: unknown): void {
    if (json !== undefined) super.logJson(json);
  }
}

function welcomeWorker({ roles, url }: { readonly roles: readonly string[]; readonly url?: string }): string {
  const health = url === undefined ? 'not served: set TENDRIL_HEALTH_PORT' : `${url}/readyz`;
  return `\n  Tendril is running as ${roles.join(' and ')}.\n\n  health      ${health}\n\n  Ctrl-C stops it; what it has in hand goes on elsewhere.\n`;
}

function welcome(
  loginUrl: string,
  running: {
    readonly url?: string;
    readonly writeKey?: string;
    readonly secretKey?: string;
    readonly dataDir: string;
    readonly isDemo: boolean;
  },
): string {
  const keys =
    running.writeKey === undefined
      ? ''
      : `\n  write key   ${running.writeKey}   (public: for applications)\n  secret key  ${running.secretKey ?? ''}   (keep it: reads and acts)`;
  const next = running.isDemo
    ? 'Real bank marketing records (UCI, CC BY 4.0; names and addresses are generated) are being replayed as an\n  application would send them. Watch people, leads, runs and mails appear.'
    : 'Attach an application: run `tendril init` in its folder.';
  return `
  Tendril is running.

  open        ${loginUrl}
  API         ${running.url ?? ''}   (documentation: ${running.url ?? ''}/openapi.json)${keys}
  data        ${running.dataDir}

  ${next}
  Ctrl-C stops it; nothing is lost.
`;
}
