import type { Dialect } from './dialect.ts';
import type { Migration } from './migration.ts';

/**
 * Limits that are decided when a job is claimed, an order among jobs of one due time, and counts of jobs that are kept
 * instead of taken, so that asking for them costs nothing however many jobs sleep.
 */
export const jobGates: Migration = {
  id: '0003-job-gates',
  log: () => [],
  state: (dialect: Dialect) => [
    `ALTER TABLE jobs ADD COLUMN job_order ${dialect.integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE jobs ADD COLUMN gates ${dialect.longBytes}`,
    // One bit for each gate that the job has passed and not left.
    `ALTER TABLE jobs ADD COLUMN passed ${dialect.integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE jobs ADD COLUMN waits_at ${dialect.bytes(16)}`,
    `ALTER TABLE jobs ADD COLUMN not_before ${dialect.integer}`,
    `DROP INDEX jobs_due${dialect.name === 'mysql' ? ' ON jobs' : ''}`,
    'CREATE INDEX jobs_due ON jobs (is_dead, tenant_no, priority, due_at, job_order, id)',
    // Of concurrency and serial gates only those at which somebody is; of throttles those that are not at rest.
    `CREATE TABLE job_gates (
      tenant_no ${dialect.integer} NOT NULL, gate ${dialect.bytes(16)} NOT NULL, held ${dialect.integer} NOT NULL, let_in ${dialect.integer} NOT NULL,
      waiting ${dialect.integer} NOT NULL, most ${dialect.integer} NOT NULL, free_at ${dialect.real},
      PRIMARY KEY (tenant_no, gate)
    )${dialect.clustered}`,
    `CREATE INDEX job_gates_free ON job_gates (free_at)${dialect.name === 'sqlite' ? ' WHERE free_at IS NOT NULL' : ''}`,
    // Beside the jobs and not an index of theirs: most jobs never wait at a gate, and pay nothing for it.
    `CREATE TABLE parked_jobs (
      tenant_no ${dialect.integer} NOT NULL, gate ${dialect.bytes(16)} NOT NULL, priority ${dialect.integer} NOT NULL,
      due_at ${dialect.integer} NOT NULL, job_order ${dialect.integer} NOT NULL, job_id ${dialect.text(255)} NOT NULL,
      PRIMARY KEY (tenant_no, gate, priority, due_at, job_order, job_id)
    )${dialect.clustered}`,
    `CREATE TABLE job_counts (
      tenant_no ${dialect.integer} NOT NULL, kind ${dialect.text(200)} NOT NULL, is_dead ${dialect.integer} NOT NULL, jobs ${dialect.integer} NOT NULL,
      PRIMARY KEY (tenant_no, kind, is_dead)
    )${dialect.clustered}`,
    'INSERT INTO job_counts (tenant_no, kind, is_dead, jobs) SELECT tenant_no, kind, is_dead, COUNT(*) FROM jobs GROUP BY tenant_no, kind, is_dead',
  ],
};
