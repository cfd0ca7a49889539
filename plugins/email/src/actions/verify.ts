import type { ActionHandler } from '@tendril/plugin-api';
import type { Settings, VerifyInput, VerifyOutput } from '../gen/manifest.gen.ts';
import { createTransport, readServer } from '../server.ts';
import { toFailure } from '../smtp-failure.ts';

/** Connects and logs in; sends nothing. @throws TendrilError as `toFailure` says */
export const verify: ActionHandler<VerifyInput, VerifyOutput, Settings> = async (_input, call) => {
  const transport = await createTransport(readServer(call.connection));
  try {
    await transport.verify();
  } catch (error) {
    throw toFailure(error);
  } finally {
    transport.close();
  }
  return { isWorking: true };
};
