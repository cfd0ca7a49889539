import { useState } from 'react';
import { Icon } from './icon.tsx';

/** Copies a text, and says so. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState('');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      // Browsers refuse on pages that are not served securely: then it can still be selected.
      setSaid('Select it and copy by hand');
    }
  }
  return (
    <span className="row copy">
      <button type="button" className="button" onClick={() => void copy()} aria-label={`Copy ${what}`}>
        <Icon name={said === 'Copied' ? 'check' : 'copy'} />
        Copy
      </button>
      <span className="small soft" role="status">
        {said}
      </span>
    </span>
  );
}
