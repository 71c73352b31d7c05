import { randomBytes } from 'node:crypto'
import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import type { Federation } from '@unefois/proto/federation'
import type {
  IssueSealedSubjectRequest,
  IssueSealedSubjectResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { BasisId, MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { issueSealedSubject as sealSubject } from '@unefois/proto/subject-ticket'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { type KnownPersonNeeds, requirePerson } from '../known-person.js'
import { basisField, memberField, subjectField } from '../request-fields.js'

interface Needs extends KnownPersonNeeds {
  readonly member: MemberId
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly ticketKey: PrivateKey
  readonly ephemerals: EphemeralKeys
}

/** The service of a party that learns of consents. */
const opener = 'consent'

/** Names a person to a party of a consent, unreadable for the consent authority that carries it. */
export const issueSealedSubject = (needs: Needs): PlainRpc<IssueSealedSubjectRequest, IssueSealedSubjectResponse> => ({
  request: z.object({ subject: subjectField, party: memberField, basisId: basisField }),
  handle: async ({ subject, party: partyId, basisId }, { caller }) => {
    const now = nowSeconds(needs.clock)
    const federation = needs.federation.current
    const party = federation.member(partyId, now).id
    const person = await requirePerson(needs, subject, requireMember(caller))
    const sealedSubject = sealSubject(
      {
        jti: randomBytes(16).toString('base64url'),
        iss: needs.member,
        aud: party,
        sub: needs.pseudonyms.of(person, party),
        basis: basisId as BasisId,
        iat: now,
      },
      { signKey: needs.ticketKey, to: federation.sealKey(party, opener), ephemerals: needs.ephemerals },
    )
    return { sealedSubject }
  },
})
