import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListReleasesRequest, ListReleasesResponse } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import type { ReleasePosition } from '../store/rule-releases.js'
import { day, name, orEmpty, pageSize, pageSizeOf } from './fields.js'
import { releaseView } from './release-view.js'

type Needs = Pick<EligibilityContext, 'releases' | 'book'>

const position = /^([a-z][a-z0-9-]{0,63})\.(\d{4}-\d{2}-\d{2})\.([0-9a-f]{64})$/
const read = (text: string): ReleasePosition | undefined => {
  if (text === '') return undefined
  const [, benefit, from, sha256] = position.exec(text) ?? []
  if (benefit === undefined || from === undefined || sha256 === undefined) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { benefit, from, sha256 }
}

export const listReleases = ({ releases, book }: Needs): PlainRpc<ListReleasesRequest, ListReleasesResponse> => ({
  request: z.object({ benefit: orEmpty(name), day: orEmpty(day), pageSize, pageToken: z.string().max(200) }),
  handle: async (request) => {
    const filters = { benefit: request.benefit, day: request.day }
    const tokens = new PageTokens('releases', filters)
    const limit = pageSizeOf(request.pageSize)
    const found = await releases.list(
      { benefit: filters.benefit || undefined, day: filters.day || undefined },
      read(tokens.positionIn(request.pageToken)),
      limit,
    )
    const last = found.length < limit ? undefined : found.at(-1)
    return {
      releases: found.map((each) => releaseView(book, each)),
      nextPageToken: tokens.after(last && `${last.benefit}.${last.validity.from}.${last.sha256}`),
    }
  },
})
