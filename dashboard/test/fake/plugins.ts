import type { AgentInfo, ChannelInfo, JsonObject, PluginInfo, PluginWebhook, ReadyPipeline } from '../../src/api/types.ts';

/** What is installed in the fake hub and may be changed. */
export class FakePlugins {
  list: readonly PluginInfo[];
  #agents: readonly AgentInfo[] = [DIGEST_WRITER];
  #pipelines: readonly ReadyPipeline[] = [WELCOME];

  constructor({ isEmpty }: { readonly isEmpty: boolean }) {
    this.list = isEmpty ? [] : PLUGINS;
  }

  find(id: string): PluginInfo | undefined {
    return this.list.find((plugin) => plugin.id === id);
  }

  /** Puts a part of one plugin in place of what it was. */
  set(id: string, part: Partial<PluginInfo>): PluginInfo | undefined {
    this.list = this.list.map((plugin) => (plugin.id === id ? { ...plugin, ...part } : plugin));
    return this.find(id);
  }

  agents(): readonly AgentInfo[] {
    return this.#agents.filter(({ plugin }) => this.find(plugin)?.isEnabled);
  }

  channels(): readonly ChannelInfo[] {
    return [MAIL_CHANNEL].filter(({ plugin }) => this.find(plugin)?.isEnabled);
  }

  /** Answers what is read below `/v1/plugins/{id}`. */
  ask(id: string, extra: string | undefined): object | undefined {
    const plugin = this.find(id);
    if (plugin === undefined || extra === undefined) return plugin;
    if (!plugin.isEnabled) return refusal(409, 'PLUGIN_DISABLED', 'The plugin is not enabled for this tenant.', { plugin: id });
    if (extra === 'webhooks') return { items: id === 'acme_crm' ? WEBHOOKS : [] };
    if (extra === 'pipelines') return { items: id === 'acme_crm' ? this.#pipelines : id === 'leads' ? [DOUBLE_OPT_IN] : [] };
    return undefined;
  }

  tick(name: string): AgentInfo | undefined {
    this.#agents = this.#agents.map((agent) => (agent.name === name ? { ...agent, lastTickAt: Date.now() } : agent));
    return this.#agents.find((agent) => agent.name === name);
  }

  /** Does what is asked of one plugin, and refuses what the hub would refuse. */
  change(id: string, verb: string, last: string, asked: JsonObject): object | undefined {
    const plugin = this.find(id);
    switch (plugin === undefined ? '' : verb) {
      case 'enable':
        return this.#enable(plugin, asked['consent']);
      case 'disable':
        if (id === 'profiles')
          return refusal(409, 'PLUGIN_REQUIRED_BY', 'Other enabled plugins need this one.', { plugin: id, dependants: ['leads', 'email'] });
        return this.set(id, { isEnabled: false });
      case 'resume':
        return this.set(id, { health: { state: 'ok', incidents: 0 } });
      case 'settings':
        return this.#configure(id, asked['settings'] as JsonObject);
      case 'pipelines':
        this.#pipelines = this.#pipelines.map((each) =>
          each.id === last ? { ...each, state: 'added', isPaused: true, addedFromVersion: '1.1.0' } : each,
        );
        return {};
      default:
        return undefined;
    }
  }

  #enable(plugin: PluginInfo | undefined, consent: unknown): object | undefined {
    if (plugin === undefined) return undefined;
    const { id, permissionsHash, health, permissionsInWords } = plugin;
    if (health.state === 'revoked')
      return refusal(409, 'PLUGIN_REVOKED', 'The registry has revoked this version of the plugin.', { plugin: id });
    if (id === 'score_desk' && this.find('acme_crm')?.isEnabled !== true)
      return refusal(409, 'PLUGIN_CONSENT_NEEDED', 'Somebody has to consent to what the plugin may do.', {
        plugin: 'acme_crm',
        permissions: this.find('acme_crm')?.permissionsInWords ?? [],
        consent: this.find('acme_crm')?.permissionsHash ?? '',
      });
    if (!plugin.isFirstParty && consent !== permissionsHash)
      return refusal(409, 'PLUGIN_CONSENT_NEEDED', 'Somebody has to consent to what the plugin may do.', {
        plugin: id,
        permissions: permissionsInWords,
        consent: permissionsHash,
      });
    return this.set(id, { isEnabled: true, consent: { isNeeded: false, hash: permissionsHash } });
  }

  #configure(id: string, settings: JsonObject): object | undefined {
    if (settings['region'] === 'us')
      return refusal(422, 'PLUGIN_SETTINGS_INVALID', "The settings do not match the plugin's schema.", {
        plugin: id,
        problems: [{ pointer: '/limits/perMinute', message: 'must be at most 60 in the region us' }],
      });
    return this.set(id, { settings });
  }
}

function refusal(status: number, code: string, title: string, details: JsonObject): object {
  return { title, status, code, remedy: 'fix-input', details };
}

const OWN = {
  version: '0.1.0',
  state: 'loaded',
  settings: {},
  settingsSchema: {},
  isEnabled: true,
  isFirstParty: true,
  runsIn: 'process',
  breakingChanges: [],
  consent: { isNeeded: false },
  health: { state: 'ok', incidents: 0 },
} as const;

const { runsIn: _runsIn, ...NOT_LOADED } = OWN;
const FOREIGN = { ...OWN, isFirstParty: false, runsIn: 'child', source: { kind: 'registry', registry: 'main' } } as const;

const PLUGINS: readonly PluginInfo[] = [
  {
    ...FOREIGN,
    id: 'acme_crm',
    title: 'Acme CRM',
    description: 'Brings people and deals to Acme, and hears of changes there.',
    version: '1.1.0',
    actions: ['acme_crm.upsert_contact', 'acme_crm.find_deals'],
    contributes: {
      actions: ['upsert_contact', 'find_deals'],
      triggers: ['deal_won'],
      agents: ['digest_writer'],
      webhooks: ['changes'],
      pipelines: ['welcome'],
      channels: ['acme_mail'],
    },
    isEnabled: false,
    permissionsInWords: [
      'May reach every host below acme.example',
      'May use the credentials of your account connections',
      'Sees personal data, such as names and addresses',
      'May read every event whose name begins with "deal."',
    ],
    permissionsHash: 'hash_of_acme_1_1',
    settings: { region: 'eu', apiSecret: 'sealed-before', limits: { perMinute: 30 } },
    settingsSchema: {
      type: 'object',
      required: ['region', 'account'],
      properties: {
        region: { type: 'string', title: 'Region', enum: ['eu', 'us'], default: 'eu', description: 'Where Acme keeps your data.' },
        account: { type: 'string', title: 'Account', minLength: 3, description: 'As the address of your Acme desk shows it.' },
        apiSecret: { type: 'string', title: 'API secret', writeOnly: true, description: 'Acme shows it once.' },
        isVerbose: { type: 'boolean', title: 'Log every request', default: false },
        retries: { type: 'integer', title: 'Retries', minimum: 0, maximum: 5, default: 2 },
        limits: {
          type: 'object',
          title: 'Limits',
          description: 'What Acme is asked at most.',
          properties: {
            perMinute: { type: 'integer', title: 'Requests a minute', minimum: 1 },
            share: { type: 'number', title: 'Share of the quota', maximum: 1 },
          },
        },
        owners: { type: 'array', title: 'Owners', items: { type: 'string' }, description: 'Who gets new deals.' },
        mapping: {
          type: 'object',
          title: 'Field mapping',
          additionalProperties: { type: 'string' },
          description: 'Our trait, then the field at Acme.',
        },
      },
      additionalProperties: false,
    },
    breakingChanges: [
      { version: '1.1.0', change: 'find_deals gives amounts in cents', guide: 'Divide by 100 where you show them.', by: '2027-01-01' },
    ],
    consent: { isNeeded: true },
  },
  {
    ...OWN,
    id: 'email',
    title: 'E-mail',
    description: 'Sends mail and knows what arrived.',
    actions: ['email.send'],
    contributes: { actions: ['send'], channels: ['email'] },
    permissionsInWords: ['May use the credentials of your smtp connections', 'May send messages by email'],
    permissionsHash: 'hash_of_email',
  },
  {
    ...OWN,
    id: 'leads',
    title: 'Leads',
    description: 'Makes leads of people and scores them.',
    actions: ['leads.score', 'leads.train'],
    contributes: { actions: ['score', 'train'] },
    permissionsInWords: ['May read every event', 'May store rows in tables of its own'],
    permissionsHash: 'hash_of_leads',
  },
  {
    ...FOREIGN,
    id: 'parcel_desk',
    title: 'Parcel desk',
    description: 'Knows where each parcel is.',
    version: '2.0.0',
    runsIn: 'declarative',
    actions: ['parcel_desk.track'],
    contributes: { actions: ['track'] },
    permissionsInWords: ['May reach api.parcels.example', 'Sees personal data, such as names and addresses'],
    permissionsHash: 'hash_of_parcels_2',
    consent: { isNeeded: true, hash: 'hash_of_parcels_1' },
  },
  {
    ...OWN,
    id: 'profiles',
    title: 'Profiles',
    description: 'Joins identities and keeps what is known of each person.',
    actions: ['profiles.get'],
    contributes: { actions: ['get'] },
    permissionsInWords: ['May read every event', 'Sees personal data, such as names and addresses'],
    permissionsHash: 'hash_of_profiles',
  },
  {
    ...FOREIGN,
    id: 'rate_watch',
    title: 'Rate watch',
    description: 'Watches the rates of other banks.',
    actions: ['rate_watch.read'],
    contributes: { actions: ['read'] },
    permissionsInWords: ['May reach rates.example'],
    permissionsHash: 'hash_of_rates',
    health: { state: 'stopped', incidents: 5, reason: 'it failed 5 times in 10 minutes, last: its process ended while it worked' },
  },
  {
    ...OWN,
    id: 'salesforce',
    title: 'Salesforce',
    description: 'Brings leads to Salesforce.',
    actions: ['salesforce.upsert_lead', 'salesforce.describe'],
    contributes: { actions: ['upsert_lead', 'describe'], panels: ['sync'] },
    permissionsInWords: ['May reach every host below salesforce.com', 'May use the credentials of your account connections'],
    permissionsHash: 'hash_of_salesforce',
  },
  {
    ...FOREIGN,
    id: 'score_desk',
    title: 'Score desk',
    description: 'Scores what Acme knows.',
    actions: ['score_desk.score'],
    contributes: { actions: ['score'] },
    isEnabled: false,
    permissionsInWords: ['May call the action acme_crm.find_deals'],
    permissionsHash: 'hash_of_score_desk',
    consent: { isNeeded: true },
  },
  {
    ...FOREIGN,
    id: 'sms_gate',
    title: 'SMS gate',
    description: 'Sends short messages.',
    actions: ['sms_gate.send'],
    contributes: { actions: ['send'] },
    permissionsInWords: ['May reach sms.example', 'May send messages by sms'],
    permissionsHash: 'hash_of_sms',
    health: { state: 'revoked', incidents: 0, reason: 'it sent copies of messages to a third party' },
  },
  {
    ...NOT_LOADED,
    id: 'webhook',
    title: 'Webhook',
    description: 'Calls an address, signed.',
    state: 'faulty',
    actions: [],
    contributes: {},
    isEnabled: false,
    permissionsInWords: [],
    permissionsHash: 'hash_of_nothing',
    health: { state: 'faulty', incidents: 0, reason: '/contributes/actions/send has no handler' },
  },
];

const DIGEST_WRITER: AgentInfo = {
  name: 'acme_crm.digest_writer',
  plugin: 'acme_crm',
  title: 'Digest writer',
  role: 'Writes a short digest of the day for each owner.',
  everyMs: 3_600_000,
  actions: ['email.send', 'acme_crm.find_deals'],
  approval: ['email.send'],
  lastTickAt: Date.now() - 1_800_000,
  remaining: { sends: 12, spendCents: 450 },
};

const MAIL_CHANNEL: ChannelInfo = {
  name: 'acme_mail',
  plugin: 'acme_crm',
  title: 'Acme messages',
  action: 'acme_crm.upsert_contact',
  address: '/traits/acmeId',
  unsubscribe: 'platform',
  quietHours: true,
};

const WEBHOOKS: readonly PluginWebhook[] = [
  {
    id: 'changes',
    title: 'Changes at Acme',
    verify: 'hmac_sha256',
    path: '/hooks/whk_3f9a0c7d5e1b4a2f8c6d0e9b7a5f3c1d',
    event: 'acme_crm.changed',
    secret: 'of_connection',
    secretField: 'signingSecret',
    isReady: false,
  },
];

const WELCOME: ReadyPipeline = {
  id: 'welcome',
  name: 'acme_crm_welcome',
  title: 'Welcome new customers',
  description: 'Writes to whoever won a deal.',
  source: 'name: acme_crm_welcome\n',
  settings: {},
  state: 'absent',
  hasNewer: false,
};

const DOUBLE_OPT_IN: ReadyPipeline = {
  id: 'double_opt_in',
  name: 'leads_double_opt_in',
  title: 'Ask by e-mail whether it was them',
  source: 'pipeline: leads_double_opt_in\n',
  settings: {},
  state: 'absent',
  hasNewer: false,
};
