import type { Settings } from './gen/manifest.gen.ts';

/** Values by feature name: `traits.age`, `properties.month`, `behaviour.views`. */
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
/** What enrichment says of an address or a company tells what somebody is like, whatever it is called. */
const TELLING = new Set(['emailQuality', 'emailKind', 'phoneType', 'phoneIsValid', 'companySize', 'companyIndustry']);
/** Kept beside declared features: rules of stages and territories read them. */
const READ_BY_RULES = ['country', 'emailQuality'];

/** By the features of the settings; without them by what looks like a fact about a person. */
export function createObserver({ features, points = [] }: Settings): Observer {
  if (features === undefined)
    return { traits: (traits) => discover('traits', traits), properties: (properties) => discover('properties', properties) };
  const keys = (from: 'trait' | 'property', prefix: string): readonly string[] => [
    ...new Set([
      ...features.filter((feature) => feature.from === from).map(({ key }) => key),
      ...points.filter(({ feature }) => feature.startsWith(prefix)).map(({ feature }) => feature.slice(prefix.length)),
    ]),
  ];
  const traitKeys = [...new Set([...keys('trait', 'traits.'), ...READ_BY_RULES])];
  const propertyKeys = keys('property', 'properties.');
  return {
    traits: (traits) => pick('traits', traits, traitKeys),
    properties: (properties) => pick('properties', properties, propertyKeys),
  };
}

/** What a feature is called in a set of values. */
export function featureName(from: 'trait' | 'property' | 'behaviour', key: string): string {
  return `${{ trait: 'traits', property: 'properties', behaviour: 'behaviour' }[from]}.${key}`;
}

/** Whether a feature tells who somebody is, or what they did: properties are of events. */
export function partOf(feature: string): 'fit' | 'behaviour' {
  return feature.startsWith('traits.') ? 'fit' : 'behaviour';
}

function pick(prefix: string, object: object, keys: readonly string[]): Values {
  const source = object as Readonly<Record<string, unknown>>;
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(source, key) ? entryOf(prefix, key, source[key]) : [])));
}

function discover(prefix: string, object: object): Values {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key]) => TELLING.has(key) || !IDENTIFYING.test(key))
      .flatMap(([key, value]) => entryOf(prefix, key, value))
      .slice(0, MOST_VALUES),
  );
}

function entryOf(prefix: string, key: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value === 'string') return [[`${prefix}.${key}`, value.slice(0, MOST_CHARACTERS)]];
  return typeof value === 'number' || typeof value === 'boolean' ? [[`${prefix}.${key}`, value]] : [];
}
