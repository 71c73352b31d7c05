import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ResolveSubjectsRequest, ResolveSubjectsResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { subjectsField } from './resolve-member-subjects.js'

interface Needs {
  readonly authority: AuthorityClient
}

/** Answers the agency which pseudonyms to keep, and by which others it may hold the same people. */
export const resolveSubjects = ({ authority }: Needs): PlainRpc<ResolveSubjectsRequest, ResolveSubjectsResponse> => ({
  request: z.object({ subjects: subjectsField }),
  handle: async ({ subjects }, { deadline }) => authority().resolveMemberSubjects({ subjects }, { deadline }),
})
