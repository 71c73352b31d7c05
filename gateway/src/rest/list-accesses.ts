import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { PersonalAccess, requirePerson } from '../personal-access.js'
import { operation } from './operation.js'
import { access, memberId } from './schemas.js'

const asked = z.strictObject({
  member: z.string(),
  isReached: z.boolean(),
  reason: z.string().optional().meta({ description: 'Why the member was not reached.' }),
  nextPageToken: z.string().optional().meta({ description: 'With `member`, asks for the entries before these.' }),
})

export const listAccesses = operation({
  id: 'listAccesses',
  method: 'GET',
  path: '/v1/me/accesses',
  summary: 'Every use of data about the person, as each agency that knows them recorded it, newest first',
  kinds: ['portal'],
  query: z.strictObject({ member: memberId.optional(), pageToken: z.string().max(500).optional() }),
  responses: {
    200: {
      description: 'The uses, and each agency asked; one that was not reached is named.',
      schema: z.strictObject({ accesses: z.array(access), members: z.array(asked) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'ASSURANCE_TOO_LOW'],
  handle: async ({ query, caller, accessToken, deadline }, context) => {
    const person = requirePerson(caller())
    const personal = new PersonalAccess(context)
    const { member, pageToken = '' } = query
    if (member === undefined && pageToken !== '')
      throw new MeshError('REQUEST_INVALID', { detail: 'A page token needs its member.', facts: { field: 'member' } })
    const body =
      member === undefined
        ? await personal.accesses(person, accessToken, deadline)
        : await personal.accessesOf(member, person, deadline, pageToken)
    return { body }
  },
})
