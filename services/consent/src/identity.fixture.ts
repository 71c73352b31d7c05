import { randomUUID } from 'node:crypto'
import { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import type { BasisId, MemberId, SubjectId } from '@unefois/proto/ids'
import { issueSealedSubject, issueSubjectTicket, type SubjectTicket } from '@unefois/proto/subject-ticket'
import { assent, federationOf, keysOf, pseudonym, register, startSeconds } from './federation.fixture.js'

const ephemerals = new EphemeralKeys()

const sealKeyOf = (member: MemberId) =>
  federationOf().sealKey(member, member === assent ? 'consent-authority' : 'consent')

const sealing = (to: MemberId) => ({ signKey: keysOf(register).ticket, to: sealKeyOf(to), ephemerals })

/** A ticket as the identity authority issues it. */
export const ticketFor = (
  ticket: Omit<SubjectTicket, 'jti' | 'iss' | 'iat' | 'exp'> & {
    readonly iat?: number
    readonly exp?: number
    readonly iss?: MemberId
  },
  signKey = keysOf(register).ticket,
): string =>
  issueSubjectTicket(
    { jti: randomUUID(), iss: register, iat: startSeconds, exp: startSeconds + 3600, ...ticket },
    { ...sealing(ticket.aud), signKey },
  )

/** A sealed subject as the identity authority issues it. */
export const sealedFor = (person: string, party: MemberId, basis: string): string =>
  issueSealedSubject(
    {
      jti: randomUUID(),
      iss: register,
      aud: party,
      sub: pseudonym(person, party),
      basis: basis as BasisId,
      iat: startSeconds,
    },
    sealing(party),
  )

/** An identity service that knows these people, for the member that asks. */
export class IdentityFixture {
  readonly #member: MemberId
  readonly #people = new Map<string, string>()
  readonly asked: { subject: string; party: string; basisId: string }[] = []
  readonly ticketsAsked: {
    subject: string
    provider: string
    purpose: string
    basisId: string
    loginHandle: string
  }[] = []
  failure: Error | undefined

  constructor(member: MemberId, people: readonly string[]) {
    this.#member = member
    for (const person of people) this.#people.set(pseudonym(person, member), person)
  }

  async requestSealedSubject(request: { subject: string; party: string; basisId: string }) {
    if (this.failure) throw this.failure
    this.asked.push(request)
    const person = this.#people.get(request.subject) ?? 'nobody'
    return { sealedSubject: sealedFor(person, request.party as MemberId, request.basisId) }
  }

  async requestTicket(request: IdentityFixture['ticketsAsked'][number]) {
    if (this.failure) throw this.failure
    this.ticketsAsked.push(request)
    const person = this.#people.get(request.subject) ?? 'nobody'
    const aud = request.provider as MemberId
    const sub: SubjectId = pseudonym(person, aud)
    const ticket = ticketFor({
      aud,
      requester: this.#member,
      purpose: request.purpose,
      basis: request.basisId as BasisId,
      sub,
    })
    return { ticket, expiresAtSeconds: startSeconds + 3600 }
  }
}
