/** Gives the international form (E.164) of a phone number; `undefined` for what cannot be one. */
export type PhoneParser = (value: unknown) => string | undefined;

const E164 = /^\+[1-9]\d{7,14}$/;
const LONGEST = 40;

/** @param country of numbers without `+`, ISO 3166; without it they are nobody's */
export async function loadPhoneParser(country: string | undefined): Promise<PhoneParser> {
  const { isSupportedCountry, parsePhoneNumberFromString } = await import('libphonenumber-js/min');
  const ofCountry = country !== undefined && isSupportedCountry(country) ? country : undefined;
  return (value) => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text.length > LONGEST) return undefined;
    if (E164.test(text)) return text;
    const parsed = parsePhoneNumberFromString(text, ofCountry);
    return parsed?.isPossible() === true ? parsed.number : undefined;
  };
}
