import assert from 'node:assert/strict';
import type { JsonObject, LoggedEvent, WebhookDelivery } from '@tendril/plugin-api';
import { create } from '../src/actions/create.ts';
import { enrichLocally } from '../src/actions/enrich-locally.ts';
import { enrich } from '../src/actions/enrich.ts';
import { enrich as enrichNew } from '../src/consumers/enrich.ts';
import { majorityOf } from '../src/enrichment/companies.ts';
import { countryOfDomain, weighCountries } from '../src/enrichment/country.ts';
import { editDistance, judgeEmail } from '../src/enrichment/email-quality.ts';
import { guessName, splitName } from '../src/enrichment/name-parts.ts';
import type { DomainsRow, EnrichInput, Settings } from '../src/gen/manifest.gen.ts';
import { receiveLead } from '../src/webhooks/lead.ts';
import { createSourcesTenant } from './sources-tenant.ts';

function identify(person: string, traits: JsonObject, more: Partial<LoggedEvent> = {}): LoggedEvent {
  return {
    id: `m-${person}`,
    position: 1,
    kind: 'identify',
    name: '$identify',
    appId: 'app',
    isTest: false,
    occurredAt: Date.UTC(2026, 0, 1),
    receivedAt: Date.UTC(2026, 0, 1),
    identities: { userId: person },
    properties: {},
    traits,
    context: {},
    isImported: false,
    hops: 0,
    profileId: person,
    ...more,
  };
}

function people(traitsById: Readonly<Record<string, JsonObject>>) {
  return { 'people.get@1': ({ id }: JsonObject) => ({ id, identities: [`userId:${String(id)}`], traits: traitsById[String(id)] ?? {} }) };
}

describe('e-mail addresses', () => {
  for (const [email, kind, suggestion] of [
    ['ada.king@works.example', 'personal_company', undefined],
    ['ada@gmail.com', 'personal_free', undefined],
    ['info@works.example', 'role', undefined],
    ['x@mailinator.com', 'disposable', undefined],
    ['x@a.mailinator.com', 'disposable', undefined],
    ['ada@gmial.com', 'disposable', 'ada@gmail.com'],
    ['ada@gmaill.com', 'personal_company', 'ada@gmail.com'],
    ['ada@hotmail.con', 'personal_company', 'ada@hotmail.com'],
    ['ada@web.de', 'personal_free', undefined],
    ['ada@wep.com', 'personal_company', undefined],
  ] as const) {
    it(`judges ${email}`, async () => {
      const judged = await judgeEmail(email);
      assert.deepEqual([judged.kind, judged.suggestion], [kind, suggestion]);
    });
  }

  it('takes nothing for an address that no server takes', async () => {
    for (const email of [
      'a',
      'a@b',
      'a@@b.de',
      '.a@b.de',
      'a..b@c.de',
      'a@-b.de',
      'a@b..de',
      'a b@c.de',
      'a@1.2.3.4',
      `${'a'.repeat(65)}@b.de`,
    ])
      assert.equal((await judgeEmail(email)).isValid, false, email);
    assert.equal((await judgeEmail('jürgen@müller.de')).isValid, true);
  });

  it('measures mistypes as Damerau did', () => {
    assert.deepEqual(
      [editDistance('ca', 'abc'), editDistance('gmial', 'gmail'), editDistance('', 'ab'), editDistance('a', 'a')],
      [3, 1, 2, 0],
    );
  });
});

describe('names', () => {
  for (const [name, parts] of [
    ['Ada King', ['Ada', 'King']],
    ['Dr. Ada King', ['Ada', 'King', 'Dr.']],
    ['King, Ada', ['Ada', 'King']],
    ['Ludwig van Beethoven', ['Ludwig', 'van Beethoven']],
    ['Prof. Dr. Maria von der Heide, PhD', ['Maria', 'von der Heide', 'Prof. Dr.', 'PhD']],
    ['Martin Luther King Jr.', ['Martin Luther', 'King', undefined, 'Jr.']],
    ['Ada', ['Ada']],
  ] as const) {
    it(`takes ${name} apart`, () => {
      const { first, last, prefix, suffix } = splitName(name) ?? {};
      assert.deepEqual(
        [first, last, prefix, suffix],
        [parts[0], parts[1], (parts as readonly string[])[2], (parts as readonly string[])[3]],
      );
    });
  }

  it('guesses from addresses only what looks like a name', () => {
    assert.deepEqual(guessName('ada.king'), { first: 'Ada', last: 'King', isGuess: true, confidence: 0.6 });
    for (const local of ['ada', 'info.office', 'a.king', 'x1.y2', 'sales-team']) assert.equal(guessName(local), undefined, local);
  });
});

describe('countries', () => {
  it('lets evidence that agrees strengthen an answer, and other evidence weaken it', () => {
    const alone = weighCountries([{ kind: 'phone', country: 'DE' }]);
    const both = weighCountries([
      { kind: 'phone', country: 'DE' },
      { kind: 'domain', country: 'DE' },
    ]);
    const torn = weighCountries([
      { kind: 'phone', country: 'DE' },
      { kind: 'locale', country: 'AT' },
    ]);
    assert.ok((both?.confidence ?? 0) > (alone?.confidence ?? 1) && (torn?.confidence ?? 1) < (alone?.confidence ?? 0));
    assert.equal(torn?.country, 'DE');
    assert.equal(weighCountries([]), undefined);
  });

  it('takes endings for countries only where they stand for one', () => {
    assert.deepEqual(['a.de', 'a.co.uk', 'a.io', 'a.com', 'a.xx'].map(countryOfDomain), ['DE', 'GB', undefined, undefined, undefined]);
  });
});

describe('companies', () => {
  it('goes by what most say, is the surer the more say it, and has no majority where there is none', () => {
    assert.equal(majorityOf({ 'Works Ltd': 3, 'works ltd.': 1, Other: 1 })?.value, 'Works Ltd');
    assert.ok((majorityOf({ Works: 9 })?.confidence ?? 0) > (majorityOf({ Works: 1 })?.confidence ?? 1));
    assert.equal(majorityOf({ A: 1, B: 1, C: 1 }), undefined);
    assert.equal(majorityOf({}), undefined);
  });

  it('learns from what people state, imported ones too, and not from its own', async () => {
    const tenant = createSourcesTenant();
    const events = [
      identify('p1', { email: 'a@works.example', company: 'Works', industry: 'steel' }),
      identify('p2', { email: 'b@works.example', company: { name: 'Works' } }, { isImported: true }),
      identify('p3', { email: 'c@works.example', company: 'Fake' }, { context: { source: 'enrichment' } }),
      identify('p4', { email: 'd@gmail.com', company: 'Google' }),
    ];
    await tenant.run((call) => enrichNew(events, call));
    const { facts } = await tenant.run((call) => enrichLocally({ domain: 'works.example' }, call));
    assert.deepEqual(
      facts.map(({ field, value }) => [field, value]),
      [
        ['companyDomain', 'works.example'],
        ['company', 'Works'],
        ['industry', 'steel'],
      ],
    );
    assert.deepEqual((await tenant.run((call) => enrichLocally({ domain: 'gmail.com' }, call))).facts, []);
  });
});

describe('what is counted of companies', () => {
  it('goes on with values that are known, and takes no more than so many', async () => {
    const tenant = createSourcesTenant();
    const stated = (from: number, count: number) =>
      Array.from({ length: count }, (_, place) =>
        identify(`p${from + place}`, { email: `a${from + place}@works.example`, companySize: from + place, company: 'Works' }),
      );
    await tenant.run((call) => enrichNew(stated(1, 20), call));
    await tenant.run((call) => enrichNew([...stated(11, 40), ...stated(1, 5), ...stated(60, 1)], call));
    const row = await tenant.run(async (call) => (await call.table<DomainsRow>('domains').get('works.example'))?.value);
    assert.equal(row?.statements, 66);
    assert.deepEqual(row.companies, { Works: 66 });
    assert.deepEqual(
      Object.entries(row.sizes),
      Array.from({ length: 30 }, (_, place) => [String(place + 1), place < 5 || (place >= 10 && place < 20) ? 2 : 1]),
    );
    assert.deepEqual(row.industries, {});
  });
});

describe('leads.enrich', () => {
  const ask = async (input: EnrichInput, settings: Settings = {}, actions = {}) => {
    const tenant = createSourcesTenant(settings, actions);
    return { ...tenant, answer: await tenant.run((call) => enrich(input, call)) };
  };

  it('tells of an address, a number and a name what can be told without a network', async () => {
    const { answer } = await ask({ email: 'ada.king@works.de', phone: '+49 1512 3456789' });
    const byField = Object.fromEntries(answer.facts.map(({ field, value }) => [field, value]));
    assert.deepEqual(byField, {
      emailQuality: 1,
      emailKind: 'personal_company',
      emailDomain: 'works.de',
      companyDomain: 'works.de',
      phone: '+4915123456789',
      phoneType: 'mobile',
      phoneIsValid: true,
      country: 'DE',
      firstName: 'Ada',
      lastName: 'King',
    });
    assert.equal(answer.facts.find(({ field }) => field === 'firstName')?.isGuess, true);
    assert.ok(answer.missing.includes('company'));
  });

  it('writes to the profile what the person did not state, with where it is from, once', async () => {
    const actions = people({ p1: { email: 'ada.king@works.de', firstName: 'Augusta' } });
    const { run, takenIn, answer } = await ask({ person: 'p1', wanted: ['firstName', 'lastName', 'country'] }, {}, actions);
    assert.deepEqual(answer.stated, ['firstName']);
    assert.deepEqual(answer.written.toSorted(), ['country', 'lastName']);
    const [event] = takenIn();
    assert.deepEqual([event?.['userId'], event?.['traits']], ['p1', { country: 'DE', lastName: 'King' }]);
    assert.equal((event?.['context'] as JsonObject)['source'], 'enrichment');
    assert.equal(
      ((event?.['context'] as JsonObject)['provenance'] as Record<string, JsonObject>)['lastName']?.['source'],
      'leads.enrich_locally',
    );
    await run((call) => enrich({ person: 'p1', wanted: ['firstName', 'lastName', 'country'] }, call));
    assert.equal(takenIn().length, 1);
  });

  it('asks providers in their order until the wanted is known, within the budget, and not again for as long as it holds', async () => {
    const asked: string[] = [];
    const provider = (name: string, facts: readonly object[]) => () => {
      asked.push(name);
      if (name === 'broken.find') throw new Error('no');
      return { facts };
    };
    const actions = {
      'cheap.find': provider('cheap', [
        { field: 'industry', value: 'steel', confidence: 0.8 },
        { field: 'nonsense', value: 1, confidence: 1 },
      ]),
      'dear.find': provider('dear', [{ field: 'company', value: 'Works', confidence: 0.9 }]),
      'last.find': provider('last', [{ field: 'company', value: 'Other', confidence: 0.9 }]),
    };
    const settings: Settings = {
      enrichment: {
        providers: [
          { action: 'leads.enrich_locally' },
          { action: 'cheap.find', costCents: 1 },
          { action: 'dear.find', costCents: 50 },
          { action: 'last.find' },
        ],
        budgetCentsPerDay: 60,
      },
    };
    const wanted: EnrichInput['wanted'] = ['emailKind', 'industry', 'company'];
    const { run, answer, advance, rows } = await ask({ email: 'a@works.example', wanted }, settings, actions);
    assert.deepEqual(asked, ['cheap', 'dear']);
    assert.deepEqual(
      answer.asked.map(({ outcome, costCents }) => [outcome, costCents]),
      [
        ['answered', 0],
        ['answered', 1],
        ['answered', 50],
        ['not_needed', 0],
      ],
    );
    assert.deepEqual(answer.facts.map(({ field, source }) => [field, source]).toSorted(), [
      ['company', 'dear.find'],
      ['emailKind', 'leads.enrich_locally'],
      ['industry', 'cheap.find'],
    ]);
    await run((call) => enrich({ email: 'A@works.example ', wanted }, call));
    assert.deepEqual(asked, ['cheap', 'dear'], 'what is known is not asked again');
    const other = await run((call) => enrich({ email: 'b@works.example', wanted }, call));
    assert.deepEqual(
      other.asked.map(({ outcome }) => outcome),
      ['answered', 'answered', 'over_budget', 'answered'],
    );
    assert.deepEqual(other.facts.find(({ field }) => field === 'company')?.value, 'Other');
    assert.equal((await rows('enrichment_spend'))[0]?.['cents'], 52);
    advance(91 * 24 * 60 * 60 * 1_000);
    await run((call) => enrich({ email: 'a@works.example', wanted }, call));
    assert.deepEqual(asked.slice(-2), ['cheap', 'dear']);
  });

  it('goes on with the next provider when one fails', async () => {
    const settings: Settings = { enrichment: { providers: [{ action: 'gone.find' }, { action: 'leads.enrich_locally' }] } };
    const { answer } = await ask({ email: 'a@works.example' }, settings);
    assert.deepEqual(
      answer.asked.map(({ outcome }) => outcome),
      ['failed', 'answered'],
    );
  });

  it('enriches by itself when it is told to: not what was imported, and not what it wrote itself', async () => {
    const settings: Settings = { enrichment: { isAutomatic: true } };
    const tenant = createSourcesTenant(settings, people({ p1: { email: 'ada.king@works.de' }, p2: { email: 'b.c@works.de' } }));
    const event = identify('p1', { email: 'ada.king@works.de' });
    await tenant.run((call) => enrichNew([event, identify('p2', { email: 'ben.b@works.de' }, { isImported: true })], call));
    assert.equal(tenant.takenIn().length, 1);
    assert.equal(tenant.takenIn()[0]?.['timestamp'], new Date(event.occurredAt - 1).toISOString());
    await tenant.run((call) => enrichNew([identify('p1', { country: 'DE' }, { context: { source: 'enrichment' } })], call));
    await tenant.run((call) => enrichNew([event], call));
    assert.equal(tenant.takenIn().length, 1);
  });

  it('counts as said before what the person says, whatever time that claims to be from', async () => {
    for (const [year, expected] of [
      [18_000, identify('p1', {}).receivedAt - 1],
      [-5_000, 0],
    ] as const) {
      const tenant = createSourcesTenant({ enrichment: { isAutomatic: true } }, people({ p1: { email: 'ada.king@works.de' } }));
      await tenant.run((call) => enrichNew([identify('p1', { email: 'ada.king@works.de' }, { occurredAt: Date.UTC(year, 0, 1) })], call));
      assert.equal(tenant.takenIn()[0]?.['timestamp'], new Date(expected).toISOString());
    }
  });
});

describe('leads from outside', () => {
  const delivery = (body: WebhookDelivery['body']): WebhookDelivery => ({ body, rawBody: JSON.stringify(body), headers: {}, query: {} });

  it('are understood by the names of their members, one or several, and stated once', async () => {
    const tenant = createSourcesTenant();
    await tenant.run((call) =>
      receiveLead(delivery({ 'E-Mail': 'ada@works.invalid', contact: { 'First Name': 'Ada' }, Company: 'Works' }), call),
    );
    assert.deepEqual(tenant.takenIn()[0]?.['traits'], { email: 'ada@works.invalid', firstName: 'Ada', company: 'Works' });
    await tenant.run((call) => receiveLead(delivery({ leads: [{ email: 'a@x.invalid' }, { email: 'b@x.invalid' }] }), call));
    assert.equal(tenant.takenIn().length, 3);
    await assert.rejects(
      tenant.run((call) => receiveLead(delivery([{ email: 'c@x.invalid' }, { name: 'nobody' }]), call)),
      { code: 'INPUT_INVALID' },
    );
    assert.equal(tenant.takenIn().length, 3);
  });

  it('may have members of any name', async () => {
    const tenant = createSourcesTenant();
    await tenant.run((call) => receiveLead(delivery({ email: 'ada@works.invalid', constructor: 'x', toString: 'y' }), call));
    assert.deepEqual(tenant.takenIn()[0]?.['traits'], { email: 'ada@works.invalid', constructor: 'x', toString: 'y' });
  });

  it('go by the mapping of the settings', async () => {
    const tenant = createSourcesTenant({ webhookMapping: { 'person.mail': 'email', ref: 'userId' } });
    await tenant.run((call) => receiveLead(delivery({ person: { mail: 'ada@works.invalid' }, ref: 7, other: 'x' }), call));
    assert.deepEqual([tenant.takenIn()[0]?.['userId'], tenant.takenIn()[0]?.['traits']], ['7', { email: 'ada@works.invalid' }]);
  });

  it('come by an action, too', async () => {
    const tenant = createSourcesTenant();
    const input = { email: 'Ada@Works.invalid', company: 'Works', consent: { marketing: true }, messageId: 'm1' };
    const first = await tenant.run((call) => create(input, call));
    const again = await tenant.run((call) => create(input, call));
    assert.deepEqual([first.isRepeated, again.isRepeated, again.position], [false, true, first.position]);
    await assert.rejects(
      tenant.run((call) => create({ email: 'nobody' }, call)),
      { code: 'INPUT_INVALID' },
    );
  });
});
