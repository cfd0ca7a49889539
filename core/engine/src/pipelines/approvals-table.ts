import type { TableSpec } from '../ports.ts';

/** Steps that wait for a person's approval, and decisions that their runs have not taken up yet: `runId/path`. */
export const APPROVALS: TableSpec = {
  name: '_pipelines.approvals',
  key: 'id',
  indexes: { by_asked: { fields: ['state', 'askedAt'] } },
  personal: [],
};
