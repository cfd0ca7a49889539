import ipaddr from 'ipaddr.js';

// Carries an IPv4 address in its last 32 bits (RFC 6052), so it is as public as that one.
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
// The old way to write an IPv4 address as IPv6 (RFC 4291, section 2.5.5.1): some systems still connect to that one.
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');

/**
 * The address that a literal spells, in its usual form; `undefined` for a name. Knows brackets, zones and the decimal,
 * octal and hexadecimal spellings that resolvers take (`2130706433`, `0x7f.1`).
 */
export function literalAddress(host: string): string | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const [withoutZone = bare] = bare.split('%');
  return ipaddr.isValid(withoutZone) ? ipaddr.process(withoutZone).toString() : undefined;
}

/** Whether the address belongs to the public internet: not loopback, private, link-local (cloud metadata), multicast or reserved. */
export function isPublicAddress(address: string): boolean {
  const [withoutZone = address] = address.split('%');
  if (!ipaddr.isValid(withoutZone)) return false;
  const parsed = ipaddr.process(withoutZone);
  if (parsed instanceof ipaddr.IPv6 && parsed.match(NAT64)) {
    return new ipaddr.IPv4(parsed.toByteArray().slice(12)).range() === 'unicast';
  }
  if (parsed instanceof ipaddr.IPv6 && parsed.match(IPV4_COMPATIBLE)) return false;
  return parsed.range() === 'unicast';
}
