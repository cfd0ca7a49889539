/** A condition to begin with. */
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly condition: string;
}

/** Conditions that many begin with; names of events are those of Segment's specifications. */
export const EXAMPLES: readonly Example[] = [
  {
    id: 'regulars',
    title: 'Regular customers',
    description: 'Ordered at least three times within 90 days.',
    condition: 'did("Order Completed", 3, "90d")',
  },
  {
    id: 'cart',
    title: 'Left a cart behind',
    description: 'Put something in the cart within three days, and ordered nothing.',
    condition: 'did("Product Added", 1, "3d") && !did("Order Completed", 1, "3d")',
  },
  {
    id: 'quiet',
    title: 'Gone quiet',
    description: 'Signed in before, but not for 30 days.',
    condition: 'days_since("Signed In") >= 30',
  },
  {
    id: 'trial',
    title: 'Trial about to end',
    description: 'The trial ends within three days.',
    condition: 'days_since_trait("trialEndsAt") >= -3 && days_since_trait("trialEndsAt") < 0',
  },
  {
    id: 'spenders',
    title: 'Big spenders',
    description: 'Orders of a year come to more than 1,000.',
    condition: 'sum("Order Completed", "total", "365d") > 1000.0',
  },
  {
    id: 'reachable',
    title: 'May be written to',
    description: 'Has an e-mail address and agreed to marketing.',
    condition: 'has(profile.traits.email) && profile.consent.marketing == "granted"',
  },
];

/** What can be put into a condition, with what it means. */
export const FUNCTIONS: readonly { readonly insert: string; readonly text: string }[] = [
  { insert: 'did("Event", 1, "30d")', text: 'did something at least so many times within a time' },
  { insert: 'count("Event", "30d") >= 3', text: 'how many times' },
  { insert: 'sum("Event", "property", "30d") > 100.0', text: 'sum of a property' },
  { insert: 'average("Event", "property", "30d") > 10.0', text: 'average of a property' },
  { insert: 'unique("Event", "property", "30d") >= 2', text: 'how many different values' },
  { insert: 'most_frequent("Event", "property") == "value"', text: 'the most frequent value' },
  { insert: 'first("Event", "property") == "value"', text: 'the first value ever' },
  { insert: 'last("Event", "property") == "value"', text: 'the last value' },
  { insert: 'days_since("Event") >= 30', text: 'days since it was done last' },
  { insert: 'days_since_trait("trait") >= 0', text: 'days since a date among the traits' },
  { insert: 'in_segment("segment")', text: 'in another segment' },
  { insert: 'has(profile.traits.email)', text: 'a trait is known' },
  { insert: 'profile.consent.marketing == "granted"', text: 'agreed to a purpose' },
  { insert: 'profile.isIdentified', text: 'has a user id' },
];
