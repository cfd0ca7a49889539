import type { ActionHandler, Json } from '@tendril/plugin-api';
import type { CreateInput, CreateOutput, Settings } from '../gen/manifest.gen.ts';
import { takeInStatement } from '../intake/take-in.ts';

/** States what is known of somebody, once for one message id. @throws TendrilError INPUT_INVALID */
export const create: ActionHandler<CreateInput, CreateOutput, Settings> = async (input, call) => {
  const { email, phone, name, userId, company, traits = {}, consent, source, messageId } = input;
  const { emailTrait = 'email', phoneTrait = 'phone' } = call.settings;
  const statement = {
    ...(userId === undefined ? {} : { userId }),
    ...(consent === undefined ? {} : { consent }),
    traits: {
      ...(traits as Readonly<Record<string, Json>>),
      ...(email === undefined ? {} : { [emailTrait]: email }),
      ...(phone === undefined ? {} : { [phoneTrait]: phone }),
      ...(name === undefined ? {} : { name }),
      ...(company === undefined ? {} : { company }),
    },
  };
  const origin = { source: 'api', ...(source === undefined ? {} : { leadSource: source }) };
  return takeInStatement(statement, messageId ?? `lead-${call.idempotencyKey}`, origin, call);
};
