import { HubCommand } from '../../../base-command.ts';
import { CommandFault, EXIT } from '../../../failure.ts';
import { pipelineAddress } from '../../../pipeline-address.ts';

interface Ready {
  readonly id: string;
  readonly name: string;
  readonly state: 'absent' | 'added' | 'edited';
  readonly isPaused?: boolean;
}

const READY = '/v1/plugins/leads/pipelines';
const PIPELINE = 'double_opt_in';

export default class LeadsFormsSendConfirmations extends HubCommand {
  static override description =
    'Have the mails of double opt-in sent: adds the pipeline for them that comes with the plugin leads, and lets it start runs. Again, it changes nothing.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(LeadsFormsSendConfirmations);
    const hub = this.hub(flags);
    const ready = (await hub.list<Ready>(READY, 100)).find(({ id }) => id === PIPELINE);
    if (ready === undefined) throw new CommandFault(`No pipeline ${PIPELINE} comes with leads here.`, EXIT.refused, 'NOT_FOUND');
    // One that somebody has changed is theirs: it is only let run.
    const isAdded = ready.state === 'absent';
    if (isAdded) await hub.request('POST', `${READY}/${PIPELINE}`, { settings: {} });
    const isResumed = isAdded || ready.isPaused === true;
    if (isResumed) await hub.request('POST', pipelineAddress(ready.name, '/resume', undefined));
    this.log(
      isAdded
        ? `Pipeline ${ready.name} is added and sends the mails from now on.`
        : `Pipeline ${ready.name} ${isResumed ? 'is resumed and sends' : 'sends'} the mails${isResumed ? ' from now on' : ' already'}.`,
    );
    return { pipeline: ready.name, isAdded, isResumed };
  }
}
