import { definePlugin } from '@tendril/plugin-api';
import { listProperties } from './actions/list-properties.ts';
import { test } from './actions/test.ts';
import { upsertContact } from './actions/upsert-contact.ts';

export default definePlugin({
  setup(host) {
    host.action('upsert_contact', upsertContact);
    host.action('list_properties', listProperties);
    host.action('test', test);
  },
});
