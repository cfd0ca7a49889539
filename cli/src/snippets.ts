/** What to say above the lines, by the kind of application. */
export const SNIPPETS = {
  node: 'Node: `npm install @segment/analytics-node`, then',
  flask: 'Flask: `pip install segment-analytics-python`, then',
  web: 'Web page: put this before </head>',
} as const;

/** A kind of application that `tendril init` knows. */
export type SnippetKind = keyof typeof SNIPPETS;

/** Whether a word names a kind of application. */
export function isSnippetKind(word: string | undefined): word is SnippetKind {
  return word !== undefined && Object.hasOwn(SNIPPETS, word);
}

/** Finds out what an application is written in, by what lies in its folder. */
export function detectKind(has: (name: string) => boolean): SnippetKind {
  if (has('requirements.txt') || has('pyproject.toml') || has('app.py')) return 'flask';
  if (has('index.html') && !has('package.json')) return 'web';
  return 'node';
}

/** The exact lines that make an application of the kind send to the hub. */
export function snippet(kind: SnippetKind, url: string, writeKey: string): string {
  switch (kind) {
    case 'node':
      return `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: process.env.TENDRIL_WRITE_KEY ?? '${writeKey}', host: process.env.TENDRIL_URL ?? '${url}' });
analytics.identify({ userId: 'user-1', traits: { email: 'ada@example.invalid' } });
analytics.track({ userId: 'user-1', event: 'Signup Completed', properties: { plan: 'pro' } });`;
    case 'flask':
      return `import os
import segment.analytics as analytics

analytics.write_key = os.environ.get('TENDRIL_WRITE_KEY', '${writeKey}')
analytics.host = os.environ.get('TENDRIL_URL', '${url}')
analytics.identify('user-1', {'email': 'ada@example.invalid'})
analytics.track('user-1', 'Signup Completed', {'plan': 'pro'})`;
    case 'web':
      return `<script>
  (function () {
    var id = localStorage.getItem('tendril_id') || crypto.randomUUID();
    localStorage.setItem('tendril_id', id);
    window.tendril = function (event, properties) {
      var body = JSON.stringify({ writeKey: '${writeKey}', anonymousId: id, event: event, properties: properties || {}, messageId: crypto.randomUUID(), timestamp: new Date().toISOString() });
      navigator.sendBeacon('${url}/v1/track', body);
    };
    window.tendril('Page Viewed', { path: location.pathname });
  })();
</script>`;
  }
}
