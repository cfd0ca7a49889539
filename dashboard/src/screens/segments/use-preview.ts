import { segmentsApi } from '../../api/customers/segments.ts';
import type { SegmentPreview } from '../../api/customers/segments.ts';
import { useAsked } from '../../api/use-asked.ts';
import type { Asked } from '../../api/use-asked.ts';

/** Whom a condition would reach, or what is wrong with it. */
export type Preview = Asked<SegmentPreview>;

/** Asks whom a condition would reach. */
export function usePreview(condition: string): Preview {
  return useAsked(condition, (signal) => segmentsApi.preview(condition, signal));
}
