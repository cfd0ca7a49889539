import validateLockFile from './gen/lock.validate.gen.ts';
import validatePanel from './gen/panel-data.validate.gen.ts';
import validateTest from './gen/pipeline-test.validate.gen.ts';
import validatePlugin from './gen/plugin.validate.gen.ts';
import validateIndex from './gen/registry-index.validate.gen.ts';
import validateRoot from './gen/registry-root.validate.gen.ts';
import validateRecord from './gen/recording.validate.gen.ts';

/** One fault that a validator found, in ajv's words. */
export interface SchemaProblem {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Says whether a value is valid; its faults are in `errors` until the next call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaProblem[] | null;
}

/** Validates a plugin's manifest. */
export const validateManifest = validatePlugin as unknown as Validator;

/** Validates a file of cases for a pipeline. */
export const validatePipelineTest = validateTest as unknown as Validator;

/** Validates a recorded call of an action. */
export const validateRecording = validateRecord as unknown as Validator;

/** Validates the index of a registry, with its signatures. */
export const validateRegistryIndex = validateIndex as unknown as Validator;

/** Validates the root of a registry, with its signatures. */
export const validateRegistryRoot = validateRoot as unknown as Validator;

/** Validates what a panel shows, with its view. */
export const validatePanelData = validatePanel as unknown as Validator;

/** Validates `tendril.lock`. */
export const validateLock = validateLockFile as unknown as Validator;
