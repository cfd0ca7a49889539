/** Words of a property's name that say that it is about who somebody is. */
const PERSONAL_WORDS = new Set([
  'address',
  'anonymousid',
  'birth',
  'birthdate',
  'birthday',
  'cellphone',
  'customerid',
  'dob',
  'email',
  'emailaddress',
  'fax',
  'firstname',
  'fullname',
  'iban',
  'ip',
  'ipaddress',
  'lastname',
  'lat',
  'latitude',
  'lng',
  'lon',
  'longitude',
  'mail',
  'middlename',
  'mobile',
  'nickname',
  'passport',
  'password',
  'phone',
  'postal',
  'postcode',
  'secret',
  'signature',
  'ssn',
  'street',
  'surname',
  'tel',
  'telephone',
  'token',
  'userid',
  'username',
  'zip',
  'zipcode',
]);
/** Before `name` or `id` these make it that of a person; `product name` is none. */
const PEOPLE = new Set([
  'account',
  'agent',
  'anonymous',
  'assignee',
  'author',
  'contact',
  'customer',
  'display',
  'employee',
  'family',
  'first',
  'full',
  'given',
  'last',
  'lead',
  'maiden',
  'member',
  'middle',
  'nick',
  'owner',
  'person',
  'profile',
  'recipient',
  'sender',
  'user',
]);
const LONGEST_TEXT = 120;
// As it is written, and as addresses of the web have it.
const EMAIL = /[^\s@<>"']+(?:@|%40)[^\s@<>"']+\.[^\s@<>"']{2,}/i;
const PHONE = /^(?:\+|00|\(?0)[\d\s()./-]{6,24}$/;
const IP = /^(?:\d{1,3}\.){3}\d{1,3}$|^(?=.*::|(?:[\da-f]{1,4}:){7})[\da-f:]+(?:%\w+)?$/i;

/** Whether the name of a property says that its values tell who somebody is. `first_name`, `billing address`, `eMail`; not `product_name`. */
export function looksPersonalName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '');
  if (words.some((word) => PERSONAL_WORDS.has(word)) || PERSONAL_WORDS.has(words.join(''))) return true;
  const last = words.at(-1);
  if (last === 'name' && words.length === 1) return true;
  return words.some((word, i) => PEOPLE.has(word) && (words[i + 1] === 'name' || words[i + 1] === 'id'));
}

/** Whether a text is or holds an e-mail address, is a phone number or an IP address, or is so long that somebody may have written it. */
export function looksPersonalText(text: string): boolean {
  if (text.length > LONGEST_TEXT || holdsEmail(text) || IP.test(text)) return true;
  return PHONE.test(text) && text.replaceAll(/\D/g, '').length >= 7;
}

/** Whether an e-mail address stands somewhere in a text. */
export function holdsEmail(text: string): boolean {
  return EMAIL.test(text);
}
