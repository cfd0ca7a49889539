import type { CompiledStep, IfStep, SwitchStep } from '../../compiled.ts';
import { toText } from '../../../expressions/index.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';

/** Goes one of several ways. The way once taken is kept, whatever the condition would say later. */
export async function runBranch(session: StepSession, step: IfStep | SwitchStep, frame: Frame): Promise<Outcome> {
  const known = session.recordOf(step, frame);
  const kept = (known?.output as { readonly branch?: string } | undefined)?.branch;
  const branch = kept ?? decide(session, step, frame);
  if (kept === undefined) session.journal.note({ ...(known ?? session.newRecord(step, frame)), output: { branch } });
  const outcome = await session.runSteps(stepsOf(step, branch), frame);
  if (outcome.kind === 'done') session.succeed(step, frame);
  return outcome;
}

function decide(session: StepSession, step: IfStep | SwitchStep, frame: Frame): string {
  if (step.kind === 'switch') return toText(step.value(frame.scope));
  return session.condition(step.condition, frame.scope) ? 'then' : 'else';
}

function stepsOf(step: IfStep | SwitchStep, branch: string): readonly CompiledStep[] {
  if (step.kind === 'if') return branch === 'then' ? step.then : step.else;
  return step.cases.get(branch) ?? step.default;
}
