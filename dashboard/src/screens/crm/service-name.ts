const NAMES: Readonly<Record<string, string>> = { salesforce: 'Salesforce', hubspot: 'HubSpot', segment: 'Segment', smtp: 'Mail' };

/** How a service writes its own name. */
export function nameService(service: string): string {
  return NAMES[service] ?? service.charAt(0).toUpperCase() + service.slice(1);
}
