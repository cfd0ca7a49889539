import { generatePerson } from './people.ts';
import type { BankRecord } from './records.ts';

/** A call of the tracking API as an application sends it. */
export type TrackingCall = Readonly<Record<string, unknown>> & { readonly messageId: string };

/** What the application sends when a customer is contacted: who it is, and that the contact took place. */
export function contactCalls(record: BankRecord, at: number): readonly TrackingCall[] {
  const { userId, firstName, lastName, email } = generatePerson(record.number);
  const { age, job, marital, education, hasDefault, balance, housingLoan, personalLoan } = record;
  const { contactType, month, campaignContacts, daysSinceContact, previousContacts, previousOutcome } = record;
  return [
    {
      type: 'identify',
      messageId: `demo-${record.number}-identify`,
      userId,
      timestamp: new Date(at).toISOString(),
      traits: { firstName, lastName, email, age, job, marital, education, hasDefault, balance, housingLoan, personalLoan },
    },
    {
      type: 'track',
      event: 'Customer Contacted',
      messageId: `demo-${record.number}-contact`,
      userId,
      timestamp: new Date(at + 1).toISOString(),
      properties: {
        contactType,
        month,
        campaignContacts,
        ...(daysSinceContact === undefined ? {} : { daysSinceContact }),
        previousContacts,
        previousOutcome,
      },
    },
  ];
}

/** What it sends once the customer has answered the offer. */
export function answerCall(record: BankRecord, at: number): TrackingCall {
  return {
    type: 'track',
    event: 'Offer Answered',
    messageId: `demo-${record.number}-answer`,
    userId: generatePerson(record.number).userId,
    timestamp: new Date(at).toISOString(),
    properties: { subscribed: record.subscribed, callSeconds: record.callSeconds },
  };
}
