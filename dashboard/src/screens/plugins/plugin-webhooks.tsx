import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PluginWebhook } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { TitledPanel } from './titled-panel.tsx';

/** The addresses that services call for a plugin. */
export function PluginWebhooks({ id }: { readonly id: string }) {
  const webhooks = useResource(`webhooks:${id}`, (signal) => api.pluginWebhooks(id, signal));
  useReloadOn('contributions', webhooks.reload);
  return (
    <TitledPanel title="Webhooks">
      <Loaded resource={webhooks} skeletonLines={2}>
        {(items) => (
          <ul>
            {items.map((webhook) => (
              <Webhook key={webhook.id} plugin={id} webhook={webhook} />
            ))}
          </ul>
        )}
      </Loaded>
    </TitledPanel>
  );
}

const PROOFS: Readonly<Record<PluginWebhook['verify'], string>> = {
  standard_webhooks: 'Senders sign as Standard Webhooks says.',
  hmac_sha256: 'Senders sign with HMAC-SHA256.',
  basic: 'Senders give a name and a password.',
  handler: 'The plugin checks who sends.',
  none: 'Nobody checks who sends: whoever knows the address may call it.',
};

function Webhook({ plugin, webhook }: { readonly plugin: string; readonly webhook: PluginWebhook }) {
  const address = new URL(webhook.path, location.origin).href;
  return (
    <li className="plugin-item">
      <h3 className="plugin-item-name">{webhook.title}</h3>
      <div className="row">
        <code className="wrap-anywhere">{address}</code>
        <CopyButton text={address} what={`the address of ${webhook.title}`} />
      </div>
      <p className="small soft">
        {PROOFS[webhook.verify]}
        {webhook.event === undefined ? '' : ` Each delivery becomes the event ${webhook.event}.`}
      </p>
      {webhook.isReady ? null : (
        <p className="notice">
          Its secret is missing, so every delivery is refused. <MissingSecret plugin={plugin} webhook={webhook} />
        </p>
      )}
    </li>
  );
}

function MissingSecret({ plugin, webhook }: { readonly plugin: string; readonly webhook: PluginWebhook }) {
  if (webhook.secret === 'of_connection')
    return (
      <>
        Fill in {webhook.secretField ?? 'it'} in a connection of this plugin: <code>tendril connections add</code>
      </>
    );
  return (
    <>
      Set it: <code>{`tendril plugins webhooks secret ${plugin} ${webhook.id} FILE`}</code>
    </>
  );
}
