import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { compose } from '../compose.ts';
import type { SendInput, SendOutput, Settings } from '../gen/manifest.gen.ts';
import { messageIdOf } from '../message-id.ts';
import { createTransport, readServer } from '../server.ts';
import { toFailure } from '../smtp-failure.ts';

/**
 * Sends one mail to the address of the permit and to no other, with the way out in its headers and in both parts.
 * Resolves when the server has taken it.
 *
 * @throws TendrilError as `compose` and `toFailure` say; INPUT_INVALID when the address is not exactly one
 * @see RFC 8058, sections 3.1 and 8.1 (List-Unsubscribe-Post)
 */
export const send: ActionHandler<SendInput, SendOutput, Settings> = async (input, call) => {
  const server = readServer(call.connection);
  const { address, unsubscribeUrl } = call.permit;
  if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address))
    throw new TendrilError('INPUT_INVALID', { field: 'person', reason: 'the address is not exactly one' });
  const mail = await compose(input, unsubscribeUrl, call);
  const messageId = messageIdOf(call.tenant.id, call.idempotencyKey, server.from.address);
  const transport = await createTransport(server);
  try {
    await transport.sendMail({
      ...mail,
      from: server.from,
      to: { name: '', address },
      envelope: { from: server.from.address, to: [address] },
      ...(call.settings.replyTo === undefined ? {} : { replyTo: { name: '', address: call.settings.replyTo } }),
      messageId: `<${messageId}>`,
      date: new Date(call.clock.now()),
      headers: { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    });
  } catch (error) {
    throw toFailure(error);
  } finally {
    transport.close();
  }
  return { messageId };
};
