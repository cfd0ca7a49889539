import dns from 'node:dns';
import { currentScope } from './egress-scope.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { replaceMember } from './replace-member.ts';

type AnyFunction = (this: unknown, ...input: unknown[]) => unknown;

const BY_NAME = [
  'lookup',
  'resolve',
  'resolve4',
  'resolve6',
  'resolveAny',
  'resolveCaa',
  'resolveCname',
  'resolveMx',
  'resolveNaptr',
  'resolveNs',
  'resolvePtr',
  'resolveSoa',
  'resolveSrv',
  'resolveTlsa',
  'resolveTxt',
] as const;
const BY_ADDRESS = ['reverse', 'lookupService'] as const;

/** A question to a name server leaves the machine too: only names that the running handler may reach are asked for. */
export function guardDns(known: KnownAddresses): readonly (() => void)[] {
  return [
    ...guardMembers(dns, known, byCallback),
    ...guardMembers(dns.Resolver.prototype, known, byCallback),
    ...guardMembers(dns.promises, known, byPromise),
    ...guardMembers(dns.promises.Resolver.prototype, known, byPromise),
  ];
}

function guardMembers(
  owner: object,
  known: KnownAddresses,
  wrap: (original: AnyFunction, known: KnownAddresses) => AnyFunction,
): readonly (() => void)[] {
  const members = owner as Record<string, AnyFunction>;
  return [...BY_NAME, ...BY_ADDRESS]
    .filter((name) => typeof members[name] === 'function')
    .map((name) =>
      replaceMember(members, name, (original) => {
        const guarded = wrap(original, known);
        // util.promisify finds the object form of `lookup` by this member.
        for (const symbol of Object.getOwnPropertySymbols(original))
          Reflect.set(guarded, symbol, promisified(Reflect.get(original as object, symbol)));
        return guarded;
      }),
    );
}

function promisified(original: unknown): unknown {
  if (typeof original !== 'function') return original;
  return async function (this: unknown, ...input: unknown[]) {
    refuse(input[0]);
    return (original as AnyFunction).apply(this, input);
  };
}

function byCallback(original: AnyFunction, known: KnownAddresses): AnyFunction {
  return function (...input) {
    if (currentScope() === undefined) return original.apply(this, input);
    const callback = input.at(-1);
    if (typeof callback !== 'function') return original.apply(this, input);
    try {
      refuse(input[0]);
    } catch (error) {
      process.nextTick(callback, error);
      return undefined;
    }
    return original.apply(this, [
      ...input.slice(0, -1),
      (error: unknown, answer: unknown, ...rest: unknown[]) => {
        if (error === null || error === undefined) note(known, input[0], answer);
        Reflect.apply(callback as AnyFunction, undefined, [error, answer, ...rest]);
      },
    ]);
  };
}

function byPromise(original: AnyFunction, known: KnownAddresses): AnyFunction {
  return async function (...input) {
    const isInCall = currentScope() !== undefined;
    refuse(input[0]);
    const answer = await original.apply(this, input);
    if (isInCall) note(known, input[0], answer);
    return answer;
  };
}

function refuse(name: unknown): void {
  // Only `lookup` takes null, and answers it with null without asking anybody.
  if (typeof name === 'string' && name !== '') currentScope()?.admit(name, undefined);
}

function note(known: KnownAddresses, host: unknown, answer: unknown): void {
  if (typeof host !== 'string') return;
  const answers: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  known.note(
    host,
    answers.map(addressOf).filter((address) => address !== undefined),
  );
}

function addressOf(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer;
  const address: unknown = typeof answer === 'object' && answer !== null && 'address' in answer ? answer.address : undefined;
  return typeof address === 'string' ? address : undefined;
}
