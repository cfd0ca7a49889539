import { useState } from 'react';
import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import type { PluginInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { PermissionList } from './permission-list.tsx';
import { tellWhereItRuns } from './plugin-words.ts';

interface EnableDialogProps {
  readonly plugin: PluginInfo;
  readonly onClose: () => void;
  readonly onEnabled: (plugin: PluginInfo) => void;
  /** What it asks for is not what was shown. */
  readonly onOutdated: () => void;
}

/** Shows what a plugin may do and asks for it: consent is to what stands here, and to nothing else. */
export function EnableDialog({ plugin, onClose, onEnabled, onOutdated }: EnableDialogProps) {
  const [missing, setMissing] = useState<string | undefined>(undefined);
  const [isOutdated, setOutdated] = useState(false);
  const isAgain = plugin.isEnabled;

  async function enable(): Promise<'stay' | void> {
    setMissing(undefined);
    setOutdated(false);
    try {
      onEnabled(await api.enablePlugin(plugin.id, plugin.permissionsHash));
    } catch (thrown) {
      const about = consentMissingFor(toApiProblem(thrown));
      if (about === undefined) throw thrown;
      setMissing(about === plugin.id ? undefined : about);
      setOutdated(about === plugin.id);
      if (about === plugin.id) onOutdated();
      return 'stay';
    }
  }
  return (
    <Confirm
      title={isAgain ? `Agree to what ${plugin.title} asks for?` : `Enable ${plugin.title}?`}
      action={isAgain ? 'Agree' : 'Enable'}
      onClose={onClose}
      onConfirm={enable}
    >
      <p>
        Version {plugin.version}. {plugin.permissionsInWords.length === 0 ? '' : 'This is what it may do:'}
      </p>
      {/* Takes the focus first, so that a long list is read from its beginning and scrolls by keyboard. */}
      <div className="permissions-frame" tabIndex={0} role="group" aria-label="What it may do">
        <PermissionList sentences={plugin.permissionsInWords} />
      </div>
      <p>
        Where it runs: {lowerFirst(tellWhereItRuns(plugin))}.{' '}
        {plugin.isFirstParty ? '' : 'It is not part of Tendril: enable it if you trust who made it.'}
      </p>
      {isOutdated ? (
        <p className="notice" role="alert">
          What it asks for has changed meanwhile. The list above is the new one.
        </p>
      ) : null}
      {missing === undefined ? null : (
        <p className="notice" role="alert">
          Nothing was enabled. It needs another plugin that nobody has agreed to yet. Enable{' '}
          <Link href={`/plugins/${encodeURIComponent(missing)}`}>{missing}</Link> first.
        </p>
      )}
    </Confirm>
  );
}

/** The plugin that somebody has to consent to, when that is the fault. */
function consentMissingFor({ code, details }: ApiProblem): string | undefined {
  const plugin = details?.['plugin'];
  return code === 'PLUGIN_CONSENT_NEEDED' && typeof plugin === 'string' ? plugin : undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
