import { definePlugin } from '@tendril/plugin-api';
import { test } from './actions/test.ts';
import { newContacts } from './triggers/new-contacts.ts';

// Wiring only: what the manifest declares is registered here, under the same ids.
export default definePlugin({
  setup(host) {
    host.action('test', test);
    host.trigger('new_contacts', newContacts);
  },
});
