/** Where somebody is, with what speaks for it. */
export interface CountryGuess {
  /** ISO 3166. */
  readonly country: string;
  readonly confidence: number;
  readonly evidence: string;
}

/** Top-level domains that are no country's any more in practice, or of another code than the country. */
const OPEN_DOMAINS = new Set('io co ai me tv cc fm ly gg so to ws is sh ac am nu tk ml ga cf gq la pw st vc eu su'.split(' '));
const DOMAIN_COUNTRIES: Readonly<Record<string, string>> = { uk: 'GB' };
const WEIGHTS = { phone: 0.85, domain: 0.75, timeZone: 0.7, locale: 0.6 } as const;

/** A piece of evidence: `phone` and so on, with the country that it speaks for. */
export interface CountryEvidence {
  readonly kind: keyof typeof WEIGHTS;
  readonly country: string;
}

/**
 * The country that most speaks for: pieces that agree strengthen each other, those that do not weaken the answer.
 */
export function weighCountries(pieces: readonly CountryEvidence[]): CountryGuess | undefined {
  const doubts = new Map<string, number>();
  for (const { kind, country } of pieces) doubts.set(country, (doubts.get(country) ?? 1) * (1 - WEIGHTS[kind]));
  const ordered = [...doubts]
    .map(([country, doubt]) => ({ country, confidence: 1 - doubt }))
    .toSorted((a, b) => b.confidence - a.confidence);
  const [best, second] = ordered;
  if (best === undefined) return undefined;
  const confidence = best.confidence * (1 - (second?.confidence ?? 0) / 2);
  const told = pieces.filter(({ country }) => country === best.country).map(({ kind }) => WORDS[kind]);
  return { country: best.country, confidence: Math.round(confidence * 100) / 100, evidence: `by ${told.join(', ')}` };
}

const WORDS: Readonly<Record<keyof typeof WEIGHTS, string>> = {
  phone: 'the phone number',
  domain: 'the top-level domain',
  timeZone: 'the time zone',
  locale: 'the language of the browser',
};

/** The country of a domain's ending, where it stands for one. */
export function countryOfDomain(domain: string): string | undefined {
  const ending = domain.slice(domain.lastIndexOf('.') + 1).toLowerCase();
  if (ending.length !== 2 || OPEN_DOMAINS.has(ending)) return undefined;
  const code = DOMAIN_COUNTRIES[ending] ?? ending.toUpperCase();
  return isCountry(code) ? code : undefined;
}

/** The region of a locale, `de-AT`. */
export function countryOfLocale(locale: string): string | undefined {
  try {
    const { region } = new Intl.Locale(locale.replaceAll('_', '-'));
    return region !== undefined && isCountry(region) ? region : undefined;
  } catch {
    return undefined;
  }
}

/** The country of a time zone that lies in one alone. */
export function countryOfTimeZone(timeZone: string): string | undefined {
  return Object.hasOwn(TIME_ZONES, timeZone) ? TIME_ZONES[timeZone] : undefined;
}

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined;
}

const TIME_ZONES: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'Europe/Berlin:DE Europe/Vienna:AT Europe/Zurich:CH Europe/Paris:FR Europe/London:GB Europe/Dublin:IE Europe/Madrid:ES Europe/Lisbon:PT Europe/Rome:IT Europe/Amsterdam:NL Europe/Brussels:BE ' +
    'Europe/Luxembourg:LU Europe/Copenhagen:DK Europe/Stockholm:SE Europe/Oslo:NO Europe/Helsinki:FI Europe/Warsaw:PL Europe/Prague:CZ Europe/Bratislava:SK Europe/Budapest:HU Europe/Bucharest:RO ' +
    'Europe/Sofia:BG Europe/Athens:GR Europe/Zagreb:HR Europe/Ljubljana:SI Europe/Belgrade:RS Europe/Vilnius:LT Europe/Riga:LV Europe/Tallinn:EE Europe/Kyiv:UA Europe/Kiev:UA Europe/Istanbul:TR Europe/Moscow:RU ' +
    'America/New_York:US America/Chicago:US America/Denver:US America/Los_Angeles:US America/Phoenix:US America/Anchorage:US Pacific/Honolulu:US America/Toronto:CA America/Vancouver:CA America/Edmonton:CA America/Winnipeg:CA America/Halifax:CA ' +
    'America/Mexico_City:MX America/Sao_Paulo:BR America/Argentina/Buenos_Aires:AR America/Santiago:CL America/Bogota:CO America/Lima:PE ' +
    'Asia/Tokyo:JP Asia/Seoul:KR Asia/Shanghai:CN Asia/Hong_Kong:HK Asia/Taipei:TW Asia/Singapore:SG Asia/Kuala_Lumpur:MY Asia/Bangkok:TH Asia/Jakarta:ID Asia/Manila:PH Asia/Ho_Chi_Minh:VN Asia/Kolkata:IN Asia/Calcutta:IN Asia/Karachi:PK Asia/Dubai:AE Asia/Riyadh:SA Asia/Jerusalem:IL ' +
    'Australia/Sydney:AU Australia/Melbourne:AU Australia/Brisbane:AU Australia/Perth:AU Australia/Adelaide:AU Pacific/Auckland:NZ Africa/Johannesburg:ZA Africa/Cairo:EG Africa/Lagos:NG Africa/Nairobi:KE Africa/Casablanca:MA'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);
