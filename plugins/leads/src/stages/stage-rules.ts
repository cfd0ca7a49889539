import type { Call } from '@tendril/plugin-api';
import type { LeadsRow, Settings } from '../gen/manifest.gen.ts';
import { compileCondition, holds, readsProfile } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Roots } from './lead-roots.ts';

/** A stage of the settings with its conditions compiled. */
export interface Stage {
  readonly name: string;
  readonly title: string;
  readonly conditions: readonly Condition[];
  readonly leave: Condition | undefined;
  readonly isOverriding: boolean;
}

/** Where the rules see a lead, and why. */
export interface Verdict {
  readonly stage: string | undefined;
  readonly reasons: readonly string[];
}

/** The stages of the settings, lowest first. */
export class StageRules {
  readonly stages: readonly Stage[];

  constructor(call: Call<Settings>) {
    this.stages = (call.settings.stages ?? []).map(({ name, title, conditions, leave, override }) => ({
      name,
      title: title ?? name,
      conditions: conditions.map((source) => compileCondition(source, call)),
      leave: leave === undefined ? undefined : compileCondition(leave, call),
      isOverriding: override === true,
    }));
  }

  get needsProfile(): boolean {
    return this.stages.some(({ conditions, leave }) => [...conditions, ...(leave === undefined ? [] : [leave])].some(readsProfile));
  }

  /** Rank of a stage; -1 for none and for one that the settings no longer have. */
  rankOf(stage: string | undefined): number {
    return stage === undefined ? -1 : this.stages.findIndex(({ name }) => name === stage);
  }

  /**
   * Where a lead belongs: in the last stage whose conditions all hold. It does not fall out of its stage before that one's
   * `leave` holds, nor out of one that a person set, unless the rule that it meets, or the one of its stage, overrides.
   */
  judge(lead: LeadsRow, roots: Roots): Verdict {
    const met = this.stages.findLast(({ conditions }) => conditions.every((condition) => holds(condition, roots)));
    const current = this.stages[this.rankOf(lead.stage)];
    const stay: Verdict = { stage: lead.stage, reasons: [] };
    if (lead.isStageByHand === true && met?.isOverriding !== true && current?.isOverriding !== true) return stay;
    if (current !== undefined && this.rankOf(met?.name) < this.rankOf(current.name)) {
      const { leave } = current;
      if (leave !== undefined && !('problem' in leave) && !holds(leave, roots)) return stay;
      const broken = current.conditions.filter((condition) => !holds(condition, roots)).map(({ source }) => `no longer holds: ${source}`);
      return { stage: met?.name, reasons: leave === undefined ? broken : [`holds: ${leave.source}`] };
    }
    return { stage: met?.name, reasons: met?.conditions.map(({ source }) => `holds: ${source}`) ?? [] };
  }
}
