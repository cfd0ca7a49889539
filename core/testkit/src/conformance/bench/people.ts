import type { Json, JsonObject } from '@tendril/plugin-api';
import { definePlugin } from '@tendril/plugin-api';
import type { PluginSource } from '@tendril/engine/plugins';

/** Who the person of a call is. */
export interface People {
  /** Asked by the governor before a message is sent. */
  profile: JsonObject;
}

/** A plugin that knows one person under every id, for actions that send. */
export function peopleSource(people: People): PluginSource {
  return {
    folder: 'kit_people',
    file: 'kit_people/plugin.json',
    isTrusted: true,
    packageJson: { name: '@tendril/plugin-kit_people', version: '0.1.0', description: 'Says who a person is.' },
    manifest: {
      id: 'kit_people',
      title: 'People of the conformance kit',
      engines: { tendril: '*' },
      contributes: {
        actions: {
          get: {
            title: 'Get a person',
            effect: 'read',
            implements: 'people.get@1',
            input: { type: 'object', additionalProperties: true, properties: { id: { type: 'string' } } },
            output: { type: 'object', additionalProperties: true },
          },
        },
      },
    },
    read: () => Promise.reject(new Error('there are no files')),
    load: async () => ({
      default: definePlugin({
        setup(host) {
          host.action('get', async (input: JsonObject) => ({ ...people.profile, id: people.profile['id'] ?? idOf(input) }));
        },
      }),
    }),
  };
}

function idOf(input: JsonObject): Json {
  return input['id'] ?? 'person-1';
}
