import { createHash } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { Deadline } from '@unefois/chassis/deadline'
import { MeshError, type Reason, toMeshError } from '@unefois/proto/reasons'
import type { GatewayContext } from './context.js'
import type { Person, Ticket } from './personal-tickets.js'

/** Kept back from a member's time, so that one that does not answer leaves time to say so. */
const reservedMs = 300

/** Refusals that concern the person's own login or the request itself, and so every member alike. */
const concernsLogin = new Set<Reason>([
  'LOGIN_HANDLE_INVALID',
  'ASSURANCE_TOO_LOW',
  'SUBJECT_UNKNOWN',
  'PAGE_TOKEN_MISMATCH',
])

/** The person behind a caller. Error: CALLER_NOT_ALLOWED for a system. */
export const requirePerson = (caller: Caller): Person => {
  if (caller.kind !== 'person') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller
}

export interface AskedMember {
  readonly member: string
  readonly isReached: boolean
  /** Why a member was not reached. */
  readonly reason?: Reason
  /** For the entries before these. */
  readonly nextPageToken?: string
}

/** A member's answer; without one, why it was not reached. */
export type Answered<T> =
  | { readonly member: string; readonly answer: T }
  | { readonly member: string; readonly answer: undefined; readonly reason: Reason }

/** One page of what a member knows. */
export interface FoundPage<T> {
  readonly found: readonly T[]
  readonly nextPageToken: string
}

/** What each member answered, and which were not reached. */
export interface FromMembers<T> {
  readonly found: readonly T[]
  readonly members: readonly AskedMember[]
}

/** Pages of several members as one list; the unreachable are marked. */
export const together = <T>(answers: readonly Answered<FoundPage<T>>[]): FromMembers<T> => ({
  found: answers.flatMap(({ answer }) => answer?.found ?? []),
  members: answers.map((each): AskedMember => {
    const { member } = each
    if (each.answer === undefined) return { member, isReached: false, reason: each.reason }
    const { nextPageToken } = each.answer
    return { member, isReached: true, ...(nextPageToken !== '' && { nextPageToken }) }
  }),
})

/** The same words make the same id: a UUID (RFC 9562, version 8). */
export const idOf = (...of: readonly string[]): string => {
  const bytes = createHash('sha256').update(of.join('\n')).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** How the portal asks members for a logged-in person, for one purpose. */
export class AskingMembers {
  readonly #needs: Pick<GatewayContext, 'clock' | 'tickets'>
  readonly #purpose: string

  constructor(needs: Pick<GatewayContext, 'clock' | 'tickets'>, purpose: string) {
    this.#needs = needs
    this.#purpose = purpose
  }

  /** The members that know the person, whose token this is. */
  knowing(person: Person, accessToken: string, deadline: Deadline): Promise<readonly string[]> {
    return this.#needs.tickets.knowing(person, this.#purpose, accessToken, deadline)
  }

  /** A ticket about the person, for one member. */
  ticket(person: Person, provider: string, deadline: Deadline): Promise<Ticket> {
    return this.#needs.tickets.about(person, provider, this.#purpose, deadline)
  }

  /** Asks one member; whatever fails on its side is said of it, and ends nothing. Errors: those of the person's own login. */
  async ask<T>(
    member: string,
    person: Person,
    deadline: Deadline,
    ask: (ticket: Ticket, deadline: Deadline) => Promise<T>,
  ): Promise<Answered<T>> {
    const shorter = Deadline.after(deadline.remainingMs() - reservedMs, this.#needs.clock)
    try {
      const ticket = await this.ticket(person, member, shorter)
      return { member, answer: await shorter.race(ask(ticket, shorter)) }
    } catch (thrown) {
      const { reason } = toMeshError(thrown)
      if (concernsLogin.has(reason)) throw thrown
      return { member, answer: undefined, reason }
    }
  }
}
