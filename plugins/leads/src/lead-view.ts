import type { GetOutput, LeadsRow, ModelsRow, TrainOutput } from './gen/manifest.gen.ts';

/** A lead as actions give it. */
export function toLead({ capturedAt, scoredAt, probability, reasons, ...lead }: LeadsRow): GetOutput {
  return {
    ...lead,
    probability: probability ?? null,
    reasons: reasons ?? [],
    capturedAt: new Date(capturedAt).toISOString(),
    ...(scoredAt === undefined ? {} : { scoredAt: new Date(scoredAt).toISOString() }),
  };
}

/** A model as actions give it: without its coefficients. */
export function toModelInfo(row: ModelsRow, activeVersion: number): TrainOutput {
  const { version, examples, positives, metrics, dataHash, createdAt } = row;
  return {
    version,
    isActive: version === activeVersion,
    examples,
    positives,
    metrics,
    features: featureNames(row),
    dataHash,
    createdAt: new Date(createdAt).toISOString(),
  };
}

function featureNames({ model }: ModelsRow): string[] {
  const { encoding } = model as { readonly encoding?: { readonly features?: readonly { readonly feature: { readonly name: string } }[] } };
  return (encoding?.features ?? []).map(({ feature }) => feature.name);
}
