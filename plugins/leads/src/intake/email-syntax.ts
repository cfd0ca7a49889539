const LONGEST = 254;
const LONGEST_LOCAL = 64;
const LOCAL = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/** The parts of an address, in lower case. */
export interface EmailParts {
  readonly local: string;
  readonly domain: string;
}

/**
 * Takes an address apart; `undefined` for what no mail server would take.
 *
 * @see RFC 5321, section 4.1.2, without quoted local parts and address literals; RFC 6531 for letters of other scripts
 */
export function parseEmail(value: string): EmailParts | undefined {
  const email = value.normalize('NFKC').trim().toLowerCase();
  const at = email.lastIndexOf('@');
  if (email.length > LONGEST || at < 1 || at > LONGEST_LOCAL) return undefined;
  const local = email.slice(0, at);
  const domain = email.slice(at + 1);
  return LOCAL.test(local) && isDomain(domain) ? { local, domain } : undefined;
}

/** Whether a text is the name of a host with a top-level domain. */
export function isDomain(domain: string): boolean {
  const labels = domain.split('.');
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\p{N}+$/u.test(labels.at(-1) ?? '');
}
