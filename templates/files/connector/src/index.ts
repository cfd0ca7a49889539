import { definePlugin } from '@tendril/plugin-api';
import { createContact } from './actions/create-contact.ts';
import { listContacts } from './actions/list-contacts.ts';
import { test } from './actions/test.ts';

// Wiring only: what the manifest declares is registered here, under the same ids.
export default definePlugin({
  setup(host) {
    host.action('create_contact', createContact);
    host.action('list_contacts', listContacts);
    host.action('test', test);
  },
});
