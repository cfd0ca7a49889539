import type { ActionHandler } from '@tendril/plugin-api';
import { compose } from '../compose.ts';
import type { PreviewInput, PreviewOutput, Settings } from '../gen/manifest.gen.ts';

/** Nobody is unsubscribed by a preview. */
const NO_LINK = 'https://unsubscribe.example.invalid/preview';

/** A mail as it would be sent. @throws TendrilError as `compose` says */
export const preview: ActionHandler<PreviewInput, PreviewOutput, Settings> = (input, call) => compose(input, NO_LINK, call);
