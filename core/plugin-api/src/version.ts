/** The version of this contract, which a manifest's `engines.tendril` is compared with. */
export const CONTRACT_VERSION = '0.1.0';
