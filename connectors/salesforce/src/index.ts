import { definePlugin } from '@tendril/plugin-api';
import { describeLead } from './actions/describe-lead.ts';
import { test } from './actions/test.ts';
import { upsertLead } from './actions/upsert-lead.ts';

export default definePlugin({
  setup(host) {
    host.action('upsert_lead', upsertLead);
    host.action('describe_lead', describeLead);
    host.action('test', test);
  },
});
