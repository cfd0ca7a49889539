import type { Host } from '@tendril/plugin-api';
import { segmentDelete } from '../actions/segment-delete.ts';
import { segmentGet } from '../actions/segment-get.ts';
import { segmentList } from '../actions/segment-list.ts';
import { segmentMembers } from '../actions/segment-members.ts';
import { segmentPreview } from '../actions/segment-preview.ts';
import { segmentSave } from '../actions/segment-save.ts';
import { segmentWhy } from '../actions/segment-why.ts';
import { traitDelete } from '../actions/trait-delete.ts';
import { traitList } from '../actions/trait-list.ts';
import { traitSave } from '../actions/trait-save.ts';
import { tick } from '../schedules/tick.ts';

/** Registers what belongs to segments and computed traits. */
export function registerSegments(host: Host): void {
  host.schedule('tick', tick);
  host.action('segment_delete', segmentDelete);
  host.action('segment_get', segmentGet);
  host.action('segment_list', segmentList);
  host.action('segment_members', segmentMembers);
  host.action('segment_preview', segmentPreview);
  host.action('segment_save', segmentSave);
  host.action('segment_why', segmentWhy);
  host.action('trait_delete', traitDelete);
  host.action('trait_list', traitList);
  host.action('trait_save', traitSave);
}
