import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { release, sha256 } from './eligibility-schemas.js'
import { releaseView } from './eligibility-views.js'
import { operation } from './operation.js'

export const getRelease = operation({
  id: 'getRelease',
  method: 'GET',
  path: '/v1/eligibility/releases/{sha256}',
  summary: 'One release of a rule, with the source as it was published: its SHA-256 is the name of the release',
  kinds: ['agency'],
  isPublic: true,
  params: z.strictObject({ sha256 }),
  responses: {
    200: {
      description: 'The release.',
      schema: z.strictObject({ release, source: z.string().meta({ description: 'YAML, at most 64 kB.' }) }),
    },
  },
  refusals: ['UNAVAILABLE', 'RULE_RELEASE_UNKNOWN'],
  handle: async ({ params, deadline }, { neighbours }) => {
    const { release: found, source } = await neighbours.rules.getRelease(params, { deadline })
    if (!found) throw new MeshError('RULE_RELEASE_UNKNOWN')
    return { body: { release: releaseView(found), source } }
  },
})
