import { z } from 'zod'
import { parisDay, release } from './eligibility-schemas.js'
import { releaseView } from './eligibility-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { name } from './schemas.js'

export const listReleases = operation({
  id: 'listReleases',
  method: 'GET',
  path: '/v1/eligibility/releases',
  summary: 'The rules of this agency’s benefits, release by release; an agency’s own software publishes them, by gRPC',
  kinds: ['agency'],
  isPublic: true,
  query: listQuery(
    {
      benefit: name.optional(),
      day: parisDay.optional().meta({ description: 'In force on that day (Europe/Paris).' }),
    },
    200,
  ),
  responses: {
    200: {
      description: 'Releases by benefit, the latest validity first.',
      schema: z.strictObject({ releases: z.array(release), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['UNAVAILABLE', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, deadline }, { neighbours }) => {
    const { benefit = '', day = '' } = query
    const { releases, nextPageToken } = await neighbours.rules.listReleases(
      { benefit, day, ...pageOf(query) },
      { deadline },
    )
    return { body: { releases: releases.map(releaseView), nextPageToken: nextPageToken || null } }
  },
})
