import type { Rpc } from '@unefois/chassis/rpc'
import {
  ExchangeMode,
  type GetBasisRequest,
  type GetBasisResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { readArtefact } from '../store/artefacts.js'
import { readBasisStatement } from '../store/basis-statements.js'
import { readNotice } from '../store/notices.js'
import { basis } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'postgres'>

const modes = {
  'explicit-request': ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
  proactive: ExchangeMode.EXCHANGE_MODE_PROACTIVE,
} as const

/**
 * The signed statement behind a basis of this member as a requester. A consent that was withdrawn is answered like any other:
 * it is the provider that refuses, so that its reason is the one that everybody sees. Error: NOTICE_REQUIRED.
 */
export const getBasis = ({ member, postgres }: Needs): Rpc<GetBasisRequest, GetBasisResponse> => ({
  request: z.object({ basisId: basis }),
  handle: async ({ basisId }) => {
    const notice = await readNotice(postgres, basisId)
    if (notice) {
      const { subject, provider, purpose, evidenceTypes, statement } = notice
      const mode = ExchangeMode.EXCHANGE_MODE_INFORMATION
      return { subject, provider, purpose, evidenceTypes: [...evidenceTypes], mode, statement }
    }
    const made = await readBasisStatement(postgres, basisId)
    if (made) {
      const { subject, provider, purpose, evidenceTypes, statement } = made
      return { subject, provider, purpose, evidenceTypes: [...evidenceTypes], mode: modes[made.mode], statement }
    }
    const consent = await readArtefact(postgres, basisId)
    if (consent?.requester !== member) throw new MeshError('NOTICE_REQUIRED')
    const { subject, provider, purpose, evidenceTypes, artefact } = consent
    const mode = ExchangeMode.EXCHANGE_MODE_CONSENT
    return { subject, provider, purpose, evidenceTypes: [...evidenceTypes], mode, statement: artefact }
  },
})
