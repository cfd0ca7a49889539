import type { ApiProblem } from '../api/api-problem.ts';
import type { Json, JsonObject } from '../api/types.ts';
import { Icon } from './icon.tsx';
import { text } from './person-name.ts';

interface ProblemProps {
  readonly problem: ApiProblem;
  readonly onRetry?: () => void;
  /** The places are told elsewhere, as beside the fields of a form. */
  readonly isPlaceShown?: boolean;
}

/** A fault in words: what is wrong, what to do, and a way to try again. */
export function Problem({ problem, onRetry, isPlaceShown = false }: ProblemProps) {
  return (
    <div className="problem" role="alert">
      <p className="problem-title">
        <Icon name="alert" />
        {problem.message}
      </p>
      <p>{adviseOn(problem)}</p>
      {isPlaceShown ? null : <Details details={problem.details} />}
      <p className="faint mono">{problem.code}</p>
      {onRetry === undefined ? null : (
        <div className="row">
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

function Details({ details = {} }: { readonly details: ApiProblem['details'] }) {
  const lines = Object.entries(details).flatMap(([name, value]) => {
    if (name === 'problems' && Array.isArray(value)) return (value as readonly Json[]).map(tellPlace);
    return value === null || typeof value === 'object' ? [] : [`${name}: ${String(value)}`];
  });
  if (lines.length === 0) return null;
  return (
    <ul className="problem-details">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** A place in what was sent, and what is wrong there. */
function tellPlace(problem: Json): string {
  if (typeof problem !== 'object' || problem === null || Array.isArray(problem)) return JSON.stringify(problem);
  const { pointer, message } = problem as JsonObject;
  return [text(pointer).replace(/^\//, '').replaceAll('/', '.'), text(message)].filter((part) => part !== '').join(' ');
}

function adviseOn(problem: ApiProblem): string {
  if (problem.status === 0) return 'Is the hub running? Start it with: tendril start. This page goes on by itself once it answers.';
  if (problem.status === 403) return 'This session may not do that. Open the link that tendril start printed, or use a key with the scope.';
  if (problem.code === 'ACTION_UNKNOWN')
    return 'The plugin that does this is not enabled, or older than this page. Look at Plugins, then enable or update it.';
  if (problem.status === 404) return 'It may have been removed, or the address is mistyped.';
  switch (problem.remedy) {
    case 'retry':
      return 'It should pass. Try again in a moment; if it stays, tendril doctor looks for the cause.';
    case 'reconnect':
      return 'A connection needs a new login. Look at Connections, then run: tendril connections add.';
    case 'fix-input':
      return 'What was asked for is not right. The details name the place.';
    default:
      return 'This is a fault of Tendril. Please report it with the code below and the lines of the log around it.';
  }
}
