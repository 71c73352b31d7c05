import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetReleaseRequest, GetReleaseResponse } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { sha256 } from './fields.js'
import { releaseView } from './release-view.js'

type Needs = Pick<EligibilityContext, 'releases' | 'book'>

/** Error: RULE_RELEASE_UNKNOWN. */
export const getRelease = ({ releases, book }: Needs): PlainRpc<GetReleaseRequest, GetReleaseResponse> => ({
  request: z.object({ sha256 }),
  handle: async (request) => {
    const stored = await releases.get(request.sha256)
    if (!stored) throw new MeshError('RULE_RELEASE_UNKNOWN')
    return { release: releaseView(book, stored), source: stored.source }
  },
})
