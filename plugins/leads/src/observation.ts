import type { Settings } from './gen/manifest.gen.ts';

/** Values by feature name: `traits.age`, `properties.month`. */
export type Values = Record<string, unknown>;

/** Takes from traits or properties what the model may know. */
export interface Observer {
  traits(traits: object): Values;
  properties(properties: object): Values;
}

const MOST_VALUES = 60;
const MOST_CHARACTERS = 100;
/** Names of what tells who somebody is rather than what they are like. */
const IDENTIFYING =
  /name|mail|phone|mobile|address|street|postal|birth|avatar|photo|url|token|password|secret|(^|[^a-z])(id|uuid|ip|iban)$|Id$/i;

/** By the features of the settings; without them by what looks like a fact about a person. */
export function createObserver({ features }: Settings): Observer {
  if (features === undefined)
    return { traits: (traits) => discover('traits', traits), properties: (properties) => discover('properties', properties) };
  const keys = (from: 'trait' | 'property'): readonly string[] => features.filter((feature) => feature.from === from).map(({ key }) => key);
  const traitKeys = keys('trait');
  const propertyKeys = keys('property');
  return {
    traits: (traits) => pick('traits', traits, traitKeys),
    properties: (properties) => pick('properties', properties, propertyKeys),
  };
}

/** What a feature is called in a set of values. */
export function featureName(from: 'trait' | 'property', key: string): string {
  return `${from === 'trait' ? 'traits' : 'properties'}.${key}`;
}

function pick(prefix: string, object: object, keys: readonly string[]): Values {
  const source = object as Readonly<Record<string, unknown>>;
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(source, key) ? entryOf(prefix, key, source[key]) : [])));
}

function discover(prefix: string, object: object): Values {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key]) => !IDENTIFYING.test(key))
      .flatMap(([key, value]) => entryOf(prefix, key, value))
      .slice(0, MOST_VALUES),
  );
}

function entryOf(prefix: string, key: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value === 'string') return [[`${prefix}.${key}`, value.slice(0, MOST_CHARACTERS)]];
  return typeof value === 'number' || typeof value === 'boolean' ? [[`${prefix}.${key}`, value]] : [];
}
