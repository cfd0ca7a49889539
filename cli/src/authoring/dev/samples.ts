import { asObject, readJsonFile } from '../author-folder.ts';
import type { AuthorFolder } from '../author-folder.ts';

/** An event to try a plugin with. */
export interface SampleEvent {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An action with an input to try it with. */
export interface SampleCall {
  readonly action: string;
  readonly title: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** It changes nothing. */
  readonly isRead: boolean;
}

/** Events that the manifest describes, with the examples of their schemas; then those that its consumers and agents follow. */
export function sampleEvents(folder: AuthorFolder): readonly SampleEvent[] {
  const contributes = contributionsOf(folder);
  const described = Object.entries(asObject(contributes['events'])).flatMap(([name, event]) => {
    const examples = schemaOf(folder, asObject(event)['properties'])['examples'];
    const properties = Array.isArray(examples) && examples.length > 0 ? (examples as readonly unknown[]) : [{}];
    return properties.map((example) => ({ name, properties: asObject(example) }));
  });
  const followed = [...Object.values(asObject(contributes['consumers'])), ...Object.values(asObject(contributes['agents']))]
    .flatMap((follower) => asObject(follower)['events'])
    .filter((name) => typeof name === 'string')
    .filter((name) => !name.includes('*') && !described.some((event) => event.name === name));
  return [...described, ...[...new Set(followed)].map((name) => ({ name, properties: {} }))];
}

/** Examples of the manifest's actions, each by itself; `{}` for a read action without one. */
export function sampleCalls(folder: AuthorFolder): readonly SampleCall[] {
  return Object.entries(asObject(contributionsOf(folder)['actions'])).flatMap(([id, value]) => {
    const { examples, title, effect } = asObject(value);
    const isRead = effect === 'read';
    const given = Array.isArray(examples) ? (examples as readonly unknown[]).map(asObject) : [];
    const tried = given.length > 0 ? given : isRead ? [{ input: {} }] : [];
    return tried.map((example) => {
      const words = asObject(example)['title'] ?? title;
      return {
        action: `${folder.id}.${id}`,
        title: typeof words === 'string' ? words : id,
        input: asObject(asObject(example)['input']),
        isRead,
      };
    });
  });
}

function contributionsOf({ manifest }: AuthorFolder): Readonly<Record<string, unknown>> {
  return asObject(asObject(manifest.json?.value)['contributes']);
}

function schemaOf({ path }: AuthorFolder, schema: unknown): Readonly<Record<string, unknown>> {
  const reference = asObject(schema)['$ref'];
  if (typeof reference !== 'string' || reference.includes('#')) return asObject(schema);
  return asObject(readJsonFile(path, reference).json?.value);
}
