const FIRST_NAMES = [
  'Ada',
  'Alan',
  'Amina',
  'Ana',
  'Bela',
  'Carla',
  'Chidi',
  'Dana',
  'Diego',
  'Edith',
  'Elif',
  'Emil',
  'Fatima',
  'Femi',
  'Grace',
  'Hana',
  'Hugo',
  'Ines',
  'Ivan',
  'Jana',
  'Joao',
  'Kai',
  'Lena',
  'Liam',
  'Lucia',
  'Maja',
  'Mateo',
  'Mina',
  'Nadia',
  'Noor',
  'Olga',
  'Omar',
  'Paula',
  'Pedro',
  'Rosa',
  'Sami',
  'Sofia',
  'Tariq',
  'Teresa',
  'Vera',
  'Yuki',
  'Zoe',
];
const LAST_NAMES = [
  'Almeida',
  'Andersen',
  'Baker',
  'Barros',
  'Bauer',
  'Carvalho',
  'Castro',
  'Costa',
  'Dias',
  'Duarte',
  'Fischer',
  'Fonseca',
  'Garcia',
  'Gomes',
  'Haas',
  'Ito',
  'Jensen',
  'Khan',
  'Kowalski',
  'Lopes',
  'Marques',
  'Martin',
  'Mendes',
  'Moreira',
  'Nunes',
  'Okafor',
  'Oliveira',
  'Pereira',
  'Pinto',
  'Ramos',
  'Ribeiro',
  'Rocha',
  'Santos',
  'Schmidt',
  'Silva',
  'Simoes',
  'Sousa',
  'Teixeira',
  'Vieira',
  'Weber',
];

/** A generated person: no record of the data set has a name or an address. */
export interface GeneratedPerson {
  readonly userId: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Under `example.invalid`, which no mail can leave for. */
  readonly email: string;
}

/** The same person for the same number, always. */
export function generatePerson(number: number): GeneratedPerson {
  // Multiplying by primes spreads neighbours over the lists.
  const firstName = FIRST_NAMES[(number * 7919) % FIRST_NAMES.length] ?? 'Ada';
  const lastName = LAST_NAMES[(number * 104_729) % LAST_NAMES.length] ?? 'Silva';
  return { userId: `customer-${number}`, firstName, lastName, email: `${firstName}.${lastName}.${number}@example.invalid`.toLowerCase() };
}
