import { definePlugin } from '@tendril/plugin-api';
import { checkSend } from './actions/check-send.ts';
import { getTemplate } from './actions/get-template.ts';
import { listTemplates } from './actions/list-templates.ts';
import { preview } from './actions/preview.ts';
import { putTemplate } from './actions/put-template.ts';
import { send } from './actions/send.ts';
import { verify } from './actions/verify.ts';

export default definePlugin({
  setup(host) {
    host.action('send', send);
    host.check('send', checkSend);
    host.action('verify', verify);
    host.action('put_template', putTemplate);
    host.action('get_template', getTemplate);
    host.action('list_templates', listTemplates);
    host.action('preview', preview);
  },
});
