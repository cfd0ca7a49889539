import type {
  Approval,
  Backfill,
  Broadcast,
  GovernorState,
  JsonObject,
  LoggedEvent,
  Mail,
  Overview,
  PipelineInfo,
  Run,
  RunInfo,
  RunState,
  SandboxEffect,
} from '../../src/api/types.ts';
import { makePerson } from './people.ts';
import type { FakePerson } from './people.ts';
import { makePipelines } from './pipelines.ts';
import { Random } from './random.ts';
import { makeRun } from './runs.ts';
import { makeApproval, makeWaitingRun } from './waiting.ts';

/** A made-up tenant whose data moves at each `tick`. */
export class World {
  readonly random = new Random(7);
  readonly people: FakePerson[] = [];
  readonly events: LoggedEvent[] = [];
  readonly runs: Run[] = [];
  readonly mails: Mail[] = [];
  readonly effects: (SandboxEffect & { readonly service: string })[] = [];
  readonly pipelines: PipelineInfo[];
  readonly approvals: Approval[] = [];
  readonly broadcasts: Broadcast[] = [];
  readonly backfills: Backfill[] = [];
  governor: GovernorState = { isPaused: false, sentToday: 214, dailyCap: 2_000, dailyCapPerPerson: 3 };
  total = 48_210;

  constructor(now: number, options: { readonly isEmpty: boolean }) {
    this.pipelines = options.isEmpty ? [] : makePipelines(now);
    if (options.isEmpty) {
      this.total = 0;
      this.governor = { ...this.governor, sentToday: 0 };
      return;
    }
    for (let index = 1; index <= 130; index += 1) this.#addPerson(now);
    for (let index = 260; index > 0; index -= 1) this.#addEvent(now - index * 700);
    const states: RunState[] = ['needs_review', 'blocked', 'failed', 'running', 'sleeping'];
    for (let index = 0; index < 70; index += 1)
      this.#addRun(now - (70 - index) * 9_000, index > 60 ? (states[index - 61] ?? 'succeeded') : 'succeeded');
    const waiting = makeWaitingRun('prs_00007', now - 60_000);
    this.runs.unshift(waiting);
    this.approvals.push(makeApproval(waiting));
  }

  /** Lets `count` events happen, and some runs and mails follow. */
  tick(count: number, now: number): { events: LoggedEvent[]; runs: RunInfo[] } {
    const events = Array.from({ length: count }, () => this.#addEvent(now));
    const runs: Run[] = [];
    for (const run of this.runs.slice(-30)) {
      if (run.state === 'running' && Number(run.startedAt) < now - 800) runs.push(this.#replaceRun(run, now));
    }
    if (this.random.next() < Math.min(0.8, count / 8)) runs.push(this.#addRun(now, 'running'));
    if (this.random.next() < 0.2) this.#addPerson(now);
    return { events, runs: runs.map(withoutSteps) };
  }

  overview(): Overview {
    const runs: Record<string, number> = {};
    for (const run of this.runs) runs[run.state] = (runs[run.state] ?? 0) + 1;
    const services = this.total === 0 ? [] : (['salesforce', 'hubspot', 'segment'] as const);
    return {
      tenant: { id: 'demo', name: 'Banco Exemplo' },
      events: { total: this.total, today: Math.max(0, 9_318 + this.total - 48_210), perSecond: undefined },
      people: this.people.length,
      leads: this.people.length,
      runs,
      mails: this.mails.length,
      sandbox: services.map((service) => {
        const effects = this.effects.filter((effect) => effect.service === service).length;
        return { service, requests: effects + (service === 'salesforce' ? 6 : 1), effects, keys: effects };
      }),
      consumers: ['profiles', 'leads', 'triggers'].map((id, index) => ({
        id,
        position: Math.max(0, this.total - index * 3),
        lag: this.total === 0 ? 0 : index * 3,
        lagMs: this.total === 0 ? 0 : index * 41,
        setAside: index === 2 && this.total > 0 ? 1 : 0,
        isPaused: false,
      })),
      governor: this.governor,
    };
  }

  setRun(id: string, change: (run: Run) => Run): Run | undefined {
    const index = this.runs.findIndex((run) => run.id === id);
    const run = this.runs[index];
    if (run === undefined) return undefined;
    const changed = change(run);
    this.runs[index] = changed;
    return changed;
  }

  #somebody(): FakePerson {
    const somebody = this.people[this.random.whole(Math.max(0, this.people.length - 60), this.people.length - 1)];
    return somebody ?? this.#addPerson(Date.now());
  }

  #addPerson(now: number): FakePerson {
    const made = makePerson(this.random, this.people.length + 1, now);
    this.people.push(made);
    return made;
  }

  #addEvent(at: number): LoggedEvent {
    const { person } = this.#somebody();
    const name = this.random.pick([
      '$identify',
      'Offer Viewed',
      'Offer Viewed',
      '$page',
      'Call Answered',
      'Lead Created',
      'Term Deposit Decided',
      'tendril.run_ended',
      'Email Opened',
    ]);
    const isHub = name.startsWith('tendril.');
    this.total += 1;
    const event: LoggedEvent = {
      id: `msg-${String(this.total)}-${String(this.random.whole(1e5, 1e6))}`,
      position: this.total,
      kind: isHub ? 'hub' : name.startsWith('$') ? name.slice(1) : 'track',
      name,
      appId: 'demo_app',
      isTest: true,
      occurredAt: at - this.random.whole(20, 900),
      receivedAt: at,
      identities: { userId: `bank-${person.id.slice(4)}` },
      properties: propertiesOf(name, this.random),
      traits: name === '$identify' ? person.traits : {},
      context: { library: { name: 'analytics-node', version: '2.3.0' }, ip: '203.0.113.7' },
      isImported: false,
      hops: isHub ? 1 : 0,
      requestId: `req_${String(this.total)}`,
      profileId: person.id,
    };
    this.events.push(event);
    if (this.events.length > 2_000) this.events.shift();
    return event;
  }

  #addRun(at: number, state: RunState): Run {
    const somebody = this.#somebody();
    const run = makeRun(this.random, this.runs.length + 1, somebody, at, state);
    this.runs.push(run);
    if (state === 'succeeded') this.#afterRun(run, somebody, at);
    return run;
  }

  #replaceRun(run: Run, now: number): Run {
    const somebody = this.people.find(({ person }) => person.id === run.personId) ?? this.#somebody();
    const done = makeRun(this.random, Number(run.id.slice(4)), somebody, Number(run.startedAt), 'succeeded');
    this.#afterRun(done, somebody, now);
    return this.setRun(run.id, () => done) ?? done;
  }

  #afterRun(run: Run, { person, lead }: FakePerson, at: number): void {
    const email = String(lead.email);
    if (run.steps.some((step) => step.action === 'email.send')) {
      this.mails.push(makeMail(`mail_${String(this.mails.length + 1)}`, String(person.traits['firstName']), email, at));
      return;
    }
    const record = { Email: email, LastName: person.traits['lastName'] ?? '', Rating: 'Hot' };
    this.effects.push({ service: 'salesforce', at, kind: 'lead.created', key: `run-${run.id}-1.then.0`, record });
    this.effects.push({ service: 'hubspot', at: at + 20, kind: 'contact.updated', key: `run-${run.id}-1.then.1`, record: { email } });
    this.effects.push({
      service: 'segment',
      at: at + 40,
      kind: 'track',
      key: `run-${run.id}-1.then.2`,
      record: { event: 'Lead Qualified', userId: person.id },
    });
  }
}

/** A run as the list shows it. */
export function withoutSteps({ steps: _steps, settings: _settings, input: _input, requestId: _requestId, ...info }: Run): RunInfo {
  return info;
}

function propertiesOf(name: string, random: Random): JsonObject {
  if (name === 'Offer Viewed')
    return { offer: random.pick(['Term deposit 12 months', 'Term deposit 24 months']), rate: 2.4, channel: random.pick(['web', 'app']) };
  if (name === 'Lead Created') return { source: random.pick(['web', 'phone']), campaign: random.whole(1, 7) };
  if (name === 'Term Deposit Decided') return { subscribed: random.next() > 0.8 };
  if (name === 'Call Answered') return { contact: 'cellular', previous: random.whole(0, 3) };
  if (name === 'tendril.run_ended') return { pipeline: 'qualify_lead', state: 'succeeded' };
  if (name === '$page') return { path: '/deposits', title: 'Deposits' };
  return {};
}

function makeMail(id: string, firstName: string, to: string, sentAt: number): Mail {
  return {
    id,
    from: 'Banco Exemplo <hello@bank.example.invalid>',
    to,
    subject: `${firstName}, a thought about your savings`,
    sentAt,
    text: `Good morning ${firstName},\n\nrates have moved. A twelve-month deposit pays 2.4 % today.\n\nUnsubscribe: http://localhost/unsubscribe/t0k3n`,
    html: `<!doctype html><html><head><style>.btn{background:#12734a;color:#fff;padding:12px 20px;border-radius:8px;text-decoration:none;display:inline-block}</style></head><body style="margin:0;background:#f4f4f0;font-family:Georgia,serif"><div style="max-width:520px;margin:24px auto;background:#ffffff;padding:32px;border-radius:12px"><h1 style="font-size:22px;color:#12734a;margin:0 0 12px">Good morning, ${firstName}</h1><p style="line-height:1.6;color:#333333">Rates have moved since we last spoke. A <b>twelve-month deposit</b> pays 2.4&nbsp;% today, and you can leave whenever you like.</p><p><a class="btn" href="https://bank.example.invalid/deposits">See the offer</a></p><img src="https://tracker.example.invalid/open.gif" alt="Banco Exemplo"><p style="font-size:12px;color:#666666">You get this because you asked for offers. <a href="http://localhost/unsubscribe/t0k3n">Unsubscribe</a></p></div><script>parent.document.title='hijacked'</script></body></html>`,
    headers: {
      'message-id': `<${id}@tendril.example.invalid>`,
      'list-unsubscribe': '<http://localhost/unsubscribe/t0k3n>',
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
      'content-type': 'multipart/alternative',
    },
  };
}
