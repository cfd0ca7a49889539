/** How good probabilities are. */
export interface Measures {
  readonly auc: number;
  readonly brier: number;
  readonly logLoss: number;
  readonly ece: number;
}

/** AUC, Brier score, log loss, and calibration error over ten bins of equal size. */
export function measure(probabilities: readonly number[], labels: readonly boolean[]): Measures {
  const order = probabilities.map((_, index) => index).sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0));
  const count = order.length;
  let brier = 0;
  let logLoss = 0;
  for (const [index, probability] of probabilities.entries()) {
    const label = Number(labels[index]);
    brier += (probability - label) ** 2 / count;
    logLoss -= Math.log(label === 1 ? probability : 1 - probability) / count;
  }
  let ece = 0;
  for (let bin = 0; bin < 10; bin += 1) {
    const members = order.slice(Math.floor((bin * count) / 10), Math.floor(((bin + 1) * count) / 10));
    ece += Math.abs(members.reduce((sum, index) => sum + (probabilities[index] ?? 0) - Number(labels[index]), 0)) / count;
  }
  return { auc: aucOf(order, probabilities, labels), brier, logLoss, ece };
}

/** By the sum of ranks, ties counting half. */
function aucOf(order: readonly number[], probabilities: readonly number[], labels: readonly boolean[]): number {
  const positives = labels.filter(Boolean).length;
  let rankSum = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && probabilities[order[to] ?? 0] === probabilities[order[from] ?? 0]) to += 1;
    rankSum += order.slice(from, to).filter((index) => labels[index]).length * ((from + to + 1) / 2);
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}
