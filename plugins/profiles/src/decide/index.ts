import type { Host } from '@tendril/plugin-api';
import { decide, decideForVisitor } from './decide.ts';
import { feedback } from './feedback.ts';
import { placeDelete, placeGet, placeList, placeSave } from './place-actions.ts';
import { placePreview } from './place-preview.ts';
import { placeResults } from './place-results.ts';

/** Registers places, decisions for them and what became of these. */
export function registerDecide(host: Host): void {
  host.action('decide', decide);
  host.action('place_save', placeSave);
  host.action('place_preview', placePreview);
  host.action('place_list', placeList);
  host.action('place_get', placeGet);
  host.action('place_delete', placeDelete);
  host.action('place_results', placeResults);
  host.route('decide', decideForVisitor);
  host.consumer('feedback', feedback);
}
