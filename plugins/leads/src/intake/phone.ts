/** Reads a phone number: as E.164, the word `invalid`, or `undefined` where it cannot be told, since the country is not known. */
export type ReadPhone = (phone: string) => string | undefined;

/** @param defaultCountry ISO 3166 code of the country of numbers without a country code */
export async function createPhoneReader(defaultCountry: string | undefined): Promise<ReadPhone> {
  const { isSupportedCountry, parsePhoneNumberFromString } = await import('libphonenumber-js');
  const country = defaultCountry !== undefined && isSupportedCountry(defaultCountry) ? defaultCountry : undefined;
  return (phone) => {
    const parsed = parsePhoneNumberFromString(phone, country);
    if (parsed?.isPossible() === true) return parsed.number;
    return country === undefined && !phone.trim().startsWith('+') && /\d{3}/.test(phone) ? undefined : 'invalid';
  };
}
