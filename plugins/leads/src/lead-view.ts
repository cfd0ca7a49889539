import type { GetOutput, LeadsRow, ModelsRow, TrainOutput } from './gen/manifest.gen.ts';

/** A lead as actions give it. */
export function toLead(row: LeadsRow): GetOutput {
  const { id, person, people, name, email, phone, status, modelVersion, source, currency, reasons = [], history = [] } = row;
  return {
    id,
    person,
    people,
    ...given({ name, email, phone }),
    status,
    probability: row.probability ?? null,
    fit: row.fit ?? null,
    behaviour: row.behaviour ?? null,
    expectedValueCents: row.expectedValueCents ?? null,
    reasons,
    ...given({ currency, modelVersion }),
    source,
    capturedAt: toMoment(row.capturedAt),
    ...given({ scoredAt: moment(row.scoredAt), activityAt: moment(row.activityAt) }),
    stage: row.stage ?? null,
    isStageByHand: row.isStageByHand === true,
    ...given({ stageAt: moment(row.stageAt) }),
    history: history.map((entry) => ({ ...entry, at: toMoment(entry.at) })),
    owner: row.owner ?? null,
    ...given({ assignedAt: moment(row.assignedAt), snoozedUntil: moment(row.snoozedUntil) }),
    mergedLeads: row.parts ?? [],
  };
}

/** A model as actions give it: without its coefficients. */
export function toModelInfo(row: ModelsRow, activeVersion: number): TrainOutput {
  const { version, examples, positives, metrics, dataHash, createdAt, splits, comparison } = row;
  return {
    version,
    isActive: version === activeVersion,
    examples,
    positives,
    metrics,
    ...given({ splits, comparison }),
    features: featureNames(row),
    dataHash,
    createdAt: toMoment(createdAt),
  };
}

function featureNames({ model }: ModelsRow): string[] {
  const { encoding } = model as { readonly encoding?: { readonly features?: readonly { readonly feature: { readonly name: string } }[] } };
  return (encoding?.features ?? []).map(({ feature }) => feature.name);
}

function toMoment(at: number): string {
  return new Date(at).toISOString();
}

function moment(at: number | undefined): string | undefined {
  return at === undefined ? undefined : toMoment(at);
}

/** Without what is undefined. */
function given<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
