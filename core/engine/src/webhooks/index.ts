export { createAddressToken, digestOfToken } from './address-token.ts';
export { deliveryIdOf, PROOF_HEADERS, verifyWebhook, withoutProof } from './verify-webhook.ts';
export type { SignedRequest, Verification, VerificationScheme } from './verify-webhook.ts';
export { MOST_BODY_BYTES, readWebhookBody } from './webhook-body.ts';
