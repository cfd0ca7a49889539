import { TendrilError } from '@tendril/plugin-api';
import type { Call, Expression } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import { MEMBERS, ROOTS } from './lead-roots.ts';
import type { Roots } from './lead-roots.ts';

/** An expression of the settings that compiled, or what is wrong with it. */
export type Condition =
  { readonly source: string; readonly expression: Expression } | { readonly source: string; readonly problem: string };

/** Compiles a condition. One with a fault never holds: settings may not stop the work on leads. */
export function compileCondition(source: string, call: Call<Settings>): Condition {
  try {
    const expression = call.expressions.compile(source, { roots: [...ROOTS], returns: 'boolean' });
    const problem = problemOf(expression);
    return problem === undefined ? { source, expression } : { source, problem };
  } catch (error) {
    if (!TendrilError.is(error) || error.code !== 'EXPRESSION_INVALID') throw error;
    const { problem } = error.details;
    return { source, problem: typeof problem === 'string' ? problem : 'does not compile' };
  }
}

/** A member that there never is would let the condition never hold, without a word. */
function problemOf({ reads }: Expression): string | undefined {
  for (const [root = '', member] of reads) {
    const members = (MEMBERS as Readonly<Record<string, readonly string[]>>)[root];
    if (members !== undefined && member !== undefined && !members.includes(member))
      return `There is no \`${root}.${member}\`; there are ${members.join(', ')}.`;
  }
  return undefined;
}

/** Whether it holds. What cannot be evaluated, as when a field is missing, does not. */
export function holds(condition: Condition, roots: Roots): boolean {
  if ('problem' in condition) return false;
  try {
    return condition.expression.evaluate({ ...roots }) === true;
  } catch (error) {
    if (!TendrilError.is(error) || error.code !== 'EXPRESSION_FAILED') throw error;
    return false;
  }
}

/** Whether it asks for what only the profile knows. */
export function readsProfile(condition: Condition): boolean {
  return 'expression' in condition && condition.expression.reads.some(([root]) => root === 'profile');
}
