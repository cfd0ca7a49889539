import { initial } from './0001-initial.ts';
import { counterExpiry } from './0002-counter-expiry.ts';
import { jobGates } from './0003-job-gates.ts';
import { jobDeaths } from './0004-job-deaths.ts';
import type { Migration } from './migration.ts';

/** All steps in their order. */
export const MIGRATIONS: readonly Migration[] = [initial, counterExpiry, jobGates, jobDeaths];
