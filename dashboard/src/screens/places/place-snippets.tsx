import type { PlaceDefinition } from '../../api/customers/places.ts';
import { CopyButton } from '../../ui/copy-button.tsx';

/** How an application asks what to show at a place, and tells what became of it. */
export function PlaceSnippets({ place }: { readonly place: PlaceDefinition }) {
  return (
    <div className="stack">
      {place.kind === 'message' ? null : (
        <Snippet
          title="In your page"
          hint="With a write key, by the browser’s own visitor. It answers content without reasons, and never the profile: write nothing into it that a stranger may not read."
          text={browserSnippet(place.id)}
        />
      )}
      <Snippet
        title="On your server"
        hint="With a secret key, for somebody whom you know. The answer says why."
        text={serverSnippet(place.id)}
      />
    </div>
  );
}

interface SnippetProps {
  readonly title: string;
  readonly hint: string;
  readonly text: string;
}

function Snippet({ title, hint, text }: SnippetProps) {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <CopyButton text={text} what={title} />
      </div>
      <div className="panel-body stack-tight">
        <p className="small soft">{hint}</p>
        <pre className="json" tabIndex={0} role="group" aria-label={`${title}: code`}>
          {text}
        </pre>
      </div>
    </section>
  );
}

function browserSnippet(place: string): string {
  return `const anonymousId = analytics.user().anonymousId();
const answer = await fetch('${location.origin}/plugins/profiles/decide', {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Basic ' + btoa('WRITE_KEY:') },
  body: JSON.stringify({ anonymousId, place: '${place}', context: { page: location.pathname } }),
});
const { decision, content } = await answer.json();
// Show the content, then say so; and 'Decision Clicked' when it is clicked.
analytics.track('Decision Shown', { decision });`;
}

function serverSnippet(place: string): string {
  return `curl ${location.origin}/v1/actions/profiles.decide \\
  -H "authorization: Bearer $SECRET_KEY" -H 'content-type: application/json' \\
  -d '{"input": {"userId": "u1", "place": "${place}", "context": {"page": "/"}}}'`;
}
