import type { PlainRpc } from '@unefois/chassis/rpc'
import type { PreviewEvidenceRequest, PreviewEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { previewed } from '../domain/preview.js'
import { decideRelease } from '../domain/release.js'
import { basis, evidenceType, member, purpose, token } from './fields.js'
import { otherRoute, releasedEvidence } from './outcomes.js'
import { openOwnView } from './own-view.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'protectedSubjects' | 'holdings' | 'places'>

export const previewEvidence = (needs: Needs): PlainRpc<PreviewEvidenceRequest, PreviewEvidenceResponse> => ({
  request: z.object({ ticket: token, basisId: basis, requester: member, evidenceType, purpose }),
  handle: async (request, call) => {
    const { runtime, holdings, places } = needs
    const { sub } = await openOwnView(needs, request, call)
    const federation = runtime.federation.current
    const nowMs = runtime.clock.nowMs()
    const authorisation = federation.authorisation(
      {
        requester: request.requester,
        provider: runtime.member,
        evidenceType: request.evidenceType,
        purpose: request.purpose,
      },
      Math.floor(nowMs / 1000),
    )
    const holding = await holdings.read(sub, request.evidenceType, call.deadline)
    const asked = previewed(authorisation)
    // What is shown is what would be released, so what would be withheld is not shown either.
    const shown = await places.previewed(authorisation, holding, asked, sub)
    const release = decideRelease(authorisation, shown, asked, nowMs)
    if (release.kind === 'released') return { outcome: { $case: 'evidence', value: releasedEvidence(release) } }
    const type = federation.evidenceType(request.evidenceType)
    const cause = release.kind === 'pending' ? 'unreachable' : release.kind
    return { outcome: { $case: 'otherRoute', value: otherRoute(cause, type) } }
  },
})
