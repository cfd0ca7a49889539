import type { Check, Finding, Outcome } from '../contract.ts';
import { CaseRunner } from '../bench/case-runner.ts';
import type { Ended } from '../bench/open-bench.ts';
import { describeDifference, differencesOf } from '../json-difference.ts';
import type { RecordedCase } from '../plugin-package.ts';
import { Replay } from '../service/replay.ts';
import type { World } from '../world.ts';
import { describeError } from './describe-error.ts';

/** Every recorded call, made again against the recorded answers, asks and gives what it did then. */
export function recordingChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  const files: Check = {
    id: 'recordings',
    title: 'The recordings can be read',
    run: async () => ({ findings: world.pack.recordingFaults }),
  };
  return [files, ...runners.map((runner) => replayCheck(runner))];
}

/** One for each sound recording. */
export function runnersOf(world: World): readonly CaseRunner[] {
  return [...world.pack.recordings].flatMap(([id, cases]) => {
    const action = world.plugin.manifest.contributes.actions?.[id];
    return action === undefined ? [] : cases.map((recorded) => new CaseRunner(world, recorded, action));
  });
}

function replayCheck(runner: CaseRunner): Check {
  const { recorded } = runner;
  return {
    id: `recordings/${recorded.recording.action}/${recorded.name}`,
    title: recorded.recording.title ?? `${recorded.recording.action} does what was recorded in ${recorded.name}`,
    run: async (): Promise<Outcome> => {
      const withoutConnection = lacksConnection(runner);
      if (withoutConnection !== undefined) return { findings: [withoutConnection] };
      const replay = new Replay(recorded.recording.exchanges);
      const ended = await runner.run({ respond: replay.respond });
      const asked = replay.problems().map(({ exchange, message }): Finding => ({
        file: recorded.file,
        ...(exchange !== undefined && { pointer: `/exchanges/${String(exchange)}/request` }),
        message,
        mend: 'mend the handler, or record the call again when the change is meant',
      }));
      return { findings: [...asked, ...compareEnd(recorded, ended)] };
    },
  };
}

/** An action that needs a connection is called with one. */
export function lacksConnection({ action, recorded }: CaseRunner): Finding | undefined {
  if (action.connection === undefined || recorded.recording.connection !== undefined) return undefined;
  return {
    file: recorded.file,
    pointer: '/connection',
    message: `is missing: the action needs a connection of kind ${[action.connection].flat().join(' or ')}`,
    mend: 'add `{ "kind": …, "values": { … } }` with placeholders in place of secrets',
  };
}

function compareEnd({ file, recording }: RecordedCase, ended: Ended): readonly Finding[] {
  if ('error' in ended) {
    if (ended.error.code === recording.error) return [];
    const expected = recording.error === undefined ? 'the recorded output' : recording.error;
    return [
      {
        file,
        pointer: recording.error === undefined ? '/output' : '/error',
        message: `the call fails with ${describeError(ended.error)} in place of ${expected}`,
        mend: mendOf(ended.error.code),
      },
    ];
  }
  if (recording.error !== undefined)
    return [
      {
        file,
        pointer: '/error',
        message: `the call gives an output and has to fail with ${recording.error}`,
        mend: 'see that the handler throws it',
      },
    ];
  return differencesOf(recording.output, ended.output).map((difference) => ({
    file,
    pointer: `/output${difference.pointer}`,
    message: describeDifference(difference),
    mend: 'mend the handler, or the recording when the change is meant',
  }));
}

function mendOf(code: string): string {
  switch (code) {
    case 'PLUGIN_FAULTY':
      return 'throw only errors of the catalogue: TendrilError with a code, whatever the service answers';
    case 'EGRESS_DENIED':
      return 'add the host to permissions.hosts of the manifest, or do not reach it';
    case 'ACTION_OUTPUT_INVALID':
      return 'give what the schema of output says, or mend the schema';
    case 'ACTION_INPUT_INVALID':
      return 'mend the input of the recording, or the schema of input';
    default:
      return 'mend the handler, or the recording';
  }
}
