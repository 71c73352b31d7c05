import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnDeclarations } from '../own-declarations.js'
import { askedMember } from './correction-schemas.js'
import { ownDeclaration } from './declaration-schemas.js'
import { listQuery, pageOf, requireMember } from './list-query.js'
import { operation } from './operation.js'
import { memberId } from './schemas.js'

const mostPerPage = 50

export const listOwnDeclarations = operation({
  id: 'listOwnDeclarations',
  method: 'GET',
  path: '/v1/me/declarations',
  summary: 'What the person declared at each agency, its receipts and what each answered',
  kinds: ['portal'],
  query: listQuery({ member: memberId.optional() }, mostPerPage),
  responses: {
    200: {
      description:
        'The declarations, the latest first at each agency, and each agency asked; one that was not reached is named.',
      schema: z.strictObject({ declarations: z.array(ownDeclaration), members: z.array(askedMember) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'ASSURANCE_TOO_LOW'],
  handle: async ({ query, caller, accessToken, deadline }, context) => {
    requireMember(query)
    const asking = { person: requirePerson(caller()), accessToken, deadline }
    const of = query.member === undefined ? undefined : { member: query.member, ...pageOf(query) }
    const { found, members } = await new OwnDeclarations(context).all(asking, of)
    return { body: { declarations: found, members } }
  },
})
