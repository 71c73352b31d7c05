import type { PlainRpc } from '@unefois/chassis/rpc'
import type { EnrolSubjectsRequest, EnrolSubjectsResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { mostAtOnce, pivotField } from '../request-fields.js'

interface Needs {
  readonly authority: AuthorityClient
}

const entry = z.object({ reference: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'not a reference'), pivot: pivotField })

/** Matches entries of the agency's own register; their references stay here. */
export const enrolSubjects = ({ authority }: Needs): PlainRpc<EnrolSubjectsRequest, EnrolSubjectsResponse> => ({
  request: z.object({
    entries: z
      .array(entry)
      .min(1)
      .max(mostAtOnce)
      .refine((entries) => new Set(entries.map(({ reference }) => reference)).size === entries.length, {
        message: 'a reference twice',
      }),
  }),
  handle: async ({ entries }, { deadline }) => {
    const pivots = entries.flatMap(({ pivot }) => pivot ?? [])
    const { matches, leftToday } = await authority().matchSubjects({ pivots }, { deadline })
    if (matches.length !== entries.length) throw new MeshError('REPLY_MISMATCH')
    return { entries: entries.map(({ reference }, at) => ({ reference, match: matches[at] })), leftToday }
  },
})
