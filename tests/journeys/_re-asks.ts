import type { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { type ReAskCount, ReAskServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/re_asks'

/** A procedure that asks for what the fund holds, to see the meter find it. */
export const carelessForm = 'careless-form'

/** What an agency asked people for although it was at hand, since the federation started. */
export const needlesslyAsked = async (agency: AgencySystem): Promise<readonly ReAskCount[]> => {
  const { counts } = await agency
    .service('documents', ReAskServiceDefinition)
    .listReAsks(
      { procedure: '', fromDay: '', toDay: '', pageSize: 200, pageToken: '' },
      await agency.call('evidence:request'),
    )
  return counts.filter(({ needlessly }) => needlessly > 0)
}
