import type { ActionDescription, ActionPath } from '../../core/engine/src/actions/contract.ts';

/** A pipeline of one step. */
export const ONE_STEP_PIPELINE = `
pipeline: one_step
trigger: { manual: {} }
steps:
  - { id: one, action: bench.step, with: { n: 1 } }
`;

const description: ActionDescription = {
  name: 'bench.step',
  plugin: 'bench',
  title: 'A step that does nothing',
  effect: 'write',
  idempotency: 'key',
  input: { type: 'object' },
  output: { type: 'object', properties: { n: { type: 'number' } } },
  timeoutMs: 30_000,
  connectionKinds: [],
};

/** Its action does nothing, so that everything around it is measured. */
export const oneStepActions: ActionPath = {
  list: () => [description],
  find: async (_tenantId, name) => (name === description.name ? description : undefined),
  execute: async ({ input }) => ({ output: { n: Number(input['n']) + 1 }, changes: [] }),
  check: async () => ({ effect: 'absent' }),
};
