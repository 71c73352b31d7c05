import { randomBytes } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import type { Clock } from '@unefois/chassis/clock'
import type { Deadline } from '@unefois/chassis/deadline'
import { basisIdFrom } from '@unefois/proto/ids'
import { LruMap } from '@unefois/proto/lru'
import type { Neighbours } from './context.js'

export type Person = Extract<Caller, { kind: 'person' }>

/** What a member is shown for a person: a ticket that only that member opens, and the basis id in it. */
export interface Ticket {
  readonly ticket: string
  readonly basisId: string
}

interface Needs {
  readonly identity: Pick<Neighbours['identity'], 'requestTicket' | 'listKnowingMembers'>
  readonly clock: Clock
}

/** A page asks a member several things, and people turn pages: one ticket serves for so long, milliseconds. */
const usedForMs = 60_000
const mostKept = 5000

const keyOf = ({ loginHandle, subject }: Person, provider: string, purpose: string): string =>
  [loginHandle, subject, provider, purpose].join('\n')

/**
 * Tickets about logged-in people, each of one login, for one member and one purpose. Within its time a ticket is reusable anyway;
 * keeping it this short means that whoever logs in anew, or is no longer known, is asked about anew.
 */
export class PersonalTickets {
  readonly #needs: Needs
  readonly #kept = new LruMap<string, Ticket & { readonly untilMs: number }>(mostKept)
  /** Until when whoever this is has a ticket for each member that knew them. */
  readonly #askedForAll = new LruMap<string, number>(mostKept)

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * The members that know the person, asked anew each time; with the first answer of a minute come tickets for all of them.
   * Errors: those of the identity authority.
   */
  async knowing(person: Person, purpose: string, accessToken: string, deadline: Deadline): Promise<readonly string[]> {
    const { identity, clock } = this.#needs
    const everybody = keyOf(person, '', purpose)
    const hasAll = (this.#askedForAll.get(everybody) ?? 0) > clock.nowMs()
    const asked = { purpose: hasAll ? '' : purpose }
    const { members, tickets } = await identity.listKnowingMembers(asked, { deadline, accessToken })
    if (!hasAll) this.#askedForAll.set(everybody, clock.nowMs() + usedForMs)
    for (const { member, ticket, basisId, expiresAtSeconds } of tickets)
      this.#keep(keyOf(person, member, purpose), { ticket, basisId }, expiresAtSeconds)
    return members
  }

  /** A ticket about the person for a member. Errors: those of the identity authority. */
  async about(person: Person, provider: string, purpose: string, deadline: Deadline): Promise<Ticket> {
    const { subject, loginHandle } = person
    const { identity, clock } = this.#needs
    const key = keyOf(person, provider, purpose)
    const kept = this.#kept.get(key)
    if (kept && kept.untilMs > clock.nowMs()) return { ticket: kept.ticket, basisId: kept.basisId }
    const basisId = basisIdFrom(randomBytes(16))
    const { ticket, expiresAtSeconds } = await identity.requestTicket(
      { subject, provider, purpose, basisId, loginHandle },
      { deadline },
    )
    this.#keep(key, { ticket, basisId }, expiresAtSeconds)
    return { ticket, basisId }
  }

  #keep(key: string, ticket: Ticket, expiresAtSeconds: number): void {
    // The member must still find it valid when the request arrives, so its last half is not used.
    const nowMs = this.#needs.clock.nowMs()
    const untilMs = Math.min(nowMs + usedForMs, nowMs + (expiresAtSeconds * 1000 - nowMs) / 2)
    this.#kept.set(key, { ...ticket, untilMs })
  }
}
