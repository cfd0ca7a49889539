import { TendrilError } from '@tendril/plugin-api';
import type { PushHandler } from '@tendril/plugin-api';

interface Ticket {
  readonly id: string;
  readonly subject: string;
  readonly priority: 'low' | 'normal' | 'urgent';
}

interface Told {
  readonly kind?: unknown;
  readonly ticket?: Partial<Ticket>;
}

/** The ticket of a delivery that tells of a new one; nothing for all else that the help desk tells. Its signature has been checked. */
export const readTickets: PushHandler<{ readonly priority?: Ticket['priority'] }, Ticket> = async ({ body, input }) => {
  const { kind, ticket } = (typeof body === 'object' && body !== null ? body : {}) as Told;
  if (kind !== 'ticket.opened') return [];
  const { id, subject, priority = 'normal' } = ticket ?? {};
  if (id === undefined || subject === undefined)
    throw new TendrilError('INPUT_INVALID', { in: 'body', expected: 'a ticket with id and subject' });
  return input.priority === undefined || input.priority === priority ? [{ id, subject, priority }] : [];
};
