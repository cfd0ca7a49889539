import type { PipelineInfo } from '../../src/api/types.ts';

const QUALIFY = `# New leads: the good ones go to every CRM, the others get a mail.
pipeline: qualify_lead
title: Qualify new leads
settings:
  threshold: { type: number, default: 0.4, minimum: 0, maximum: 1, title: Probability that makes a lead hot }
  followUpDays: { type: integer, default: 3, minimum: 1, maximum: 30, title: Days until the follow-up }
  sender: { type: string, default: hello@bank.example.invalid, format: email, title: Sender of the mails }
  rating: { type: string, enum: [Hot, Warm, Cold], default: Hot, title: Rating in Salesforce }
  isNudgeOn: { type: boolean, default: true, title: Write to those below the threshold }
trigger:
  event: Lead Created
  where: event.properties.source != "import"
steps:
  - id: score
    action: leads.score
    with: { person: "\${{ profile.id }}" }
  - if: steps.score.output.probability >= settings.threshold
    then:
      - action: salesforce.upsert_lead
        connection: sales_eu
        with:
          email: "\${{ profile.traits.email }}"
          lastName: "\${{ profile.traits.lastName }}"
          rating: "\${{ settings.rating }}"
        retry: { attempts: 6, backoff: exponential, initial: 1s, max: 5m }
      - action: hubspot.upsert_contact
        connection: marketing
        with: { email: "\${{ profile.traits.email }}" }
      - action: segment.track
        with: { event: Lead Qualified, userId: "\${{ profile.userId }}" }
    else:
      - if: settings.isNudgeOn
        then:
          - action: email.send
            with: { person: "\${{ profile.id }}", template: nudge }
`;

const OUTCOME = `pipeline: learn_outcome
title: Learn from outcomes
trigger:
  event: Term Deposit Decided
steps:
  - action: leads.record_outcome
    with: { person: "\${{ profile.id }}", isConverted: "\${{ event.properties.subscribed }}" }
`;

const NEWS = `pipeline: spring_news
title: Spring news
input:
  type: object
  required: [subject]
  properties:
    subject: { type: string, title: Subject of the mail }
trigger:
  broadcast: { segment: customers, perMinute: 600 }
steps:
  - parallel:
      mail:
        - action: email.send
          connection: smtp
          with: { template: news }
          onError:
            CONSENT_MISSING:
              - stop: { reason: did not agree }
      crm:
        - forEach: profile.groups
          as: group
          do:
            - call: note_group
              with: { group: "\${{ group }}" }
    join: all
  - wait: { event: Email Opened, timeout: 3d }
    onTimeout:
      - switch: profile.traits.tier
        cases:
          gold:
            - approve: { by: sales, title: Call them?, timeout: 2d }
              compensate:
                - emit: { event: Call Withdrawn }
        default:
          - set: { isCold: true }
`;

const ORDERS = `pipeline: take_order
title: Take an order
trigger:
  webhook: { verify: { scheme: stripe }, answer: result }
steps:
  - action: webhook.send
`;

/** The one that comes with the leads, as it is when it was added. */
export function makeDoubleOptIn(now: number): PipelineInfo {
  return {
    id: 'leads_double_opt_in',
    title: 'Ask by e-mail whether it was them',
    version: 1,
    isPaused: true,
    source: 'pipeline: leads_double_opt_in\ntrigger: { event: Form Confirmation Requested }\nsteps: [{ action: email.send }]\n',
    deployedAt: now,
    trigger: { event: 'Form Confirmation Requested' },
    settings: {},
    settingsSchema: {},
  };
}

/** The pipelines of the fake tenant. */
export function makePipelines(now: number): PipelineInfo[] {
  return [
    {
      id: 'qualify_lead',
      title: 'Qualify new leads',
      version: 4,
      isPaused: false,
      source: QUALIFY,
      deployedAt: now - 5_400_000,
      trigger: { event: 'Lead Created', where: 'event.properties.source != "import"' },
      settings: { threshold: 0.4, followUpDays: 3, sender: 'hello@bank.example.invalid', rating: 'Hot', isNudgeOn: true },
      settingsSchema: {
        type: 'object',
        additionalProperties: false,
        required: ['threshold', 'sender'],
        properties: {
          threshold: {
            type: 'number',
            default: 0.4,
            minimum: 0,
            maximum: 1,
            title: 'Probability that makes a lead hot',
            description: 'Leads at or above it go to the CRMs, the others get a mail.',
          },
          followUpDays: { type: 'integer', default: 3, minimum: 1, maximum: 30, title: 'Days until the follow-up' },
          sender: { type: 'string', format: 'email', default: 'hello@bank.example.invalid', title: 'Sender of the mails' },
          rating: { type: 'string', enum: ['Hot', 'Warm', 'Cold'], default: 'Hot', title: 'Rating in Salesforce' },
          isNudgeOn: { type: 'boolean', default: true, title: 'Write to those below the threshold' },
        },
      },
    },
    {
      id: 'learn_outcome',
      title: 'Learn from outcomes',
      version: 1,
      isPaused: true,
      source: OUTCOME,
      deployedAt: now - 5_400_000,
      trigger: { event: 'Term Deposit Decided' },
      settings: {},
      settingsSchema: { type: 'object', properties: {} },
    },
    {
      id: 'spring_news',
      title: 'Spring news',
      environment: 'production',
      version: 1,
      isPaused: false,
      source: NEWS,
      deployedAt: now - 5_400_000,
      trigger: { broadcast: { segment: 'customers', perMinute: 600 } },
      inputSchema: { type: 'object', required: ['subject'], properties: { subject: { type: 'string', title: 'Subject of the mail' } } },
      settings: {},
      settingsSchema: { type: 'object', properties: {} },
    },
    {
      id: 'take_order',
      title: 'Take an order',
      environment: 'staging',
      version: 2,
      isPaused: false,
      source: ORDERS,
      deployedAt: now - 5_400_000,
      trigger: { webhook: { verify: { scheme: 'stripe' }, answer: 'result' } },
      webhookPath: '/hooks/in/3f9a7c1e8b',
      settings: {},
      settingsSchema: { type: 'object', properties: {} },
    },
    {
      id: 'weekly_report',
      title: 'Weekly report',
      environment: 'production',
      version: 1,
      isPaused: false,
      source: 'pipeline: weekly_report\ntrigger: { schedule: 0 9 * * 1-5 }\nsteps:\n  - set: { a: 1 }\n',
      deployedAt: now - 5_400_000,
      trigger: { schedule: { cron: '0 9 * * 1-5', timeZone: 'Europe/Lisbon' } },
      nextAt: now + 7_200_000,
      settings: {},
      settingsSchema: { type: 'object', properties: {} },
    },
  ];
}
