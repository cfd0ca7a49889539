import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';
import { toTendrilError } from './vendor-errors.ts';
import type { VendorAnswer } from './vendor-errors.ts';

/** A property of contacts as HubSpot describes it, as far as it is used. */
export interface DescribedProperty {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly isWritable: boolean;
  /** Whether it holds one of `choices`; several of one property are one text, parted by semicolons. */
  readonly isSingleChoice: boolean;
  readonly choices: readonly string[];
}

/** What the actions ask of HubSpot. Every method throws errors of the catalogue only. */
export interface HubSpotClient {
  /** Creates the contact of an e-mail address or updates it. Values are texts; an empty one empties the property. */
  upsertContact(email: string, properties: Readonly<Record<string, string>>): Promise<{ readonly id: string; readonly created: boolean }>;
  listProperties(): Promise<readonly DescribedProperty[]>;
  /** Asks for one contact. */
  probe(): Promise<void>;
}

/** The members of the library's request that are used; each of its modules has a class of its own. */
interface LibraryRequest {
  getUrl(): string;
  getHttpMethod(): string;
  getHeaders(): Record<string, string>;
  getBody(): unknown;
}

const BASE_PATH = 'https://api.hubapi.com';
const SINGLE_CHOICE: ReadonlySet<string> = new Set(['select', 'radio']);
const NOTHING: VendorAnswer = { status: 0, headers: {}, text: '' };

function basePathOf(call: Call): string {
  const { basePath } = call.connection.values;
  return typeof basePath === 'string' && basePath !== '' ? basePath.replace(/\/+$/, '') : BASE_PATH;
}

/**
 * Opens the connection of the running call. No request is made yet.
 *
 * Uses the library's generated modules, not its `Client`: that one wraps every method in a process-wide retry and
 * limiter. The hub's `fetch` carries the requests.
 */
export function openHubSpot(call: Call): HubSpotClient {
  let last = NOTHING;

  async function send(request: LibraryRequest): Promise<VendorAnswer> {
    last = NOTHING;
    const body = request.getBody();
    if (body !== undefined && typeof body !== 'string') throw new TendrilError('INTERNAL', { reason: 'a request whose body is no text' });
    const response = await call.fetch(request.getUrl(), {
      method: request.getHttpMethod(),
      headers: request.getHeaders(),
      signal: call.signal,
      ...(body !== undefined && { body }),
    });
    last = { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    return last;
  }

  async function ask<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (TendrilError.is(error)) throw error;
      if (call.signal.aborted) throw new TendrilError('ACTION_ABORTED', { service: 'hubspot' });
      throw toTendrilError(last);
    }
  }

  const bodyOf = ({ text }: VendorAnswer) => ({ text: () => Promise.resolve(text), binary: () => Promise.resolve(Buffer.from(text)) });

  async function openContacts() {
    const library = await import('@hubspot/api-client/lib/codegen/crm/contacts/index.js');
    const httpApi = library.wrapHttpLibrary({
      send: async (request) => {
        const answer = await send(request);
        return new library.ResponseContext(answer.status, answer.headers, bodyOf(answer));
      },
    });
    const configuration = library.createConfiguration({ httpApi, baseServer: new library.ServerConfiguration(basePathOf(call), {}) });
    return { library, basic: new library.BasicApi(configuration), batch: new library.BatchApi(configuration) };
  }

  async function openProperties() {
    const library = await import('@hubspot/api-client/lib/codegen/crm/properties/index.js');
    const httpApi = library.wrapHttpLibrary({
      send: async (request) => {
        const answer = await send(request);
        return new library.ResponseContext(answer.status, answer.headers, bodyOf(answer));
      },
    });
    return new library.CoreApi(library.createConfiguration({ httpApi, baseServer: new library.ServerConfiguration(basePathOf(call), {}) }));
  }

  return {
    upsertContact: (email, properties) =>
      ask(async () => {
        const { library, batch } = await openContacts();
        const input = Object.assign(new library.SimplePublicObjectBatchInputUpsert(), {
          id: email,
          idProperty: 'email',
          properties: { ...properties },
        });
        const { results } = await batch.upsert(
          Object.assign(new library.BatchInputSimplePublicObjectBatchInputUpsert(), { inputs: [input] }),
        );
        const [result] = results;
        // 207 comes with an empty list and the reasons beside it; a proxy's page with no list at all.
        if (result === undefined || last.status !== 200) throw toTendrilError(last.status === 207 ? { ...last, status: 400 } : last);
        return { id: result.id, created: result._new };
      }),
    listProperties: () =>
      ask(async () => {
        const { results } = await (await openProperties()).getAll('contacts');
        return results.map((property) => ({
          name: property.name,
          label: property.label,
          type: property.type,
          isWritable: property.modificationMetadata?.readOnlyValue !== true && property.calculated !== true && property.hidden !== true,
          isSingleChoice: property.type === 'enumeration' && SINGLE_CHOICE.has(property.fieldType),
          choices: property.options.filter((option) => !option.hidden).map((option) => option.value),
        }));
      }),
    probe: () =>
      ask(async () => {
        const { results } = await (await openContacts()).basic.getPage(1);
        if (!Array.isArray(results)) throw toTendrilError(last);
      }),
  };
}
