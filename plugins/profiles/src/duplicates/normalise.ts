import type { FieldKind } from './fields.ts';

const MAX_LENGTH = 100;
const LEGAL_FORMS = new Set(
  'ab ag as bv co company corp corporation gmbh inc kg limited llc llp ltd nv oy plc pty sa sarl spa srl'.split(' '),
);
const FOLDED: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };
const BIRTH_YEARS = { from: 1800, to: 2100 };

/** One spelling for what means the same; the empty string for what says nothing. At most 100 characters are looked at. */
export function normalise(kind: FieldKind, value: unknown): string {
  const raw = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof raw !== 'string') return '';
  const cut = raw.slice(0, MAX_LENGTH).trim();
  switch (kind) {
    case 'email':
      return normaliseEmail(cut);
    case 'phone':
      return normalisePhone(cut);
    case 'birthDate':
      return normaliseDate(cut);
    case 'company':
      return withoutLegalForm(plain(cut));
    case 'postcode':
    case 'streetNumber':
      return plain(cut).replaceAll(' ', '');
    default:
      return plain(cut);
  }
}

/** Lower case, without accents, with single spaces in the place of anything but letters and digits. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[ßøæœłđðþı]/g, (letter) => FOLDED[letter] ?? letter)
    .replaceAll(/[\p{M}'’`]/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
}

function normaliseEmail(text: string): string {
  const email = text.normalize('NFKC').toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(email) ? email : '';
}

/** The last nine digits, which the country code and a leading zero do not change. */
function normalisePhone(text: string): string {
  const digits = text.normalize('NFKC').replaceAll(/\D/g, '');
  return digits.length < 6 || /^(\d)\1*$/.test(digits) ? '' : digits.slice(-9);
}

/** `yyyymmdd`. Of `a/b/yyyy` the middle one is the month, unless it cannot be one. Impossible days are kept: they are slips of somebody's hand. */
function normaliseDate(text: string): string {
  const parts = text.match(/\d+/g) ?? [];
  const digits = parts.join('');
  if (/^\d{4}\D+\d{1,2}\D+\d{1,2}/.test(text)) return dateOf(parts[0], parts[1], parts[2]);
  const dayFirst = /^(\d{1,2})\D+(\d{1,2})\D+(\d{4})$/.exec(text);
  if (dayFirst !== null) {
    const [, first = '', second = '', year] = dayFirst;
    return Number(second) > 12 ? dateOf(year, first, second) : dateOf(year, second, first);
  }
  return /^\d{8}$/.test(digits) && digits === text ? dateOf(text.slice(0, 4), text.slice(4, 6), text.slice(6)) : '';
}

function dateOf(year = '', month = '', day = ''): string {
  const number = Number(year);
  if (number < BIRTH_YEARS.from || number >= BIRTH_YEARS.to) return '';
  return `${year}${month.padStart(2, '0')}${day.padStart(2, '0')}`;
}

function withoutLegalForm(company: string): string {
  const words = company.split(' ');
  while (words.length > 1 && LEGAL_FORMS.has(words.at(-1) ?? '')) words.pop();
  return words.join(' ');
}
