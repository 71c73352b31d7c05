import { createHash, randomBytes } from 'node:crypto'
import { Deadline } from '@unefois/chassis/deadline'
import { ContestState } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { basisIdFrom } from '@unefois/proto/ids'
import { type Reason, toMeshError } from '@unefois/proto/reasons'
import type { GatewayContext } from './context.js'
import { type AskedMember, type Person, personalAccess } from './personal-access.js'
import { type ContestView, type HoldingView, holdingView, ownContestView } from './rest/correction-views.js'
import { instantOf } from './rest/views.js'

/** Kept back from a member's time, so that one that does not answer leaves time to say so. */
const reservedMs = 300

/** Refusals that concern the person's own login or the request itself, and so every member alike. */
const concernsLogin = new Set<Reason>([
  'LOGIN_HANDLE_INVALID',
  'ASSURANCE_TOO_LOW',
  'SUBJECT_UNKNOWN',
  'PAGE_TOKEN_MISMATCH',
])

/** Which of what is held is asked for. */
export interface AskedHoldings {
  readonly pageSize: number
  /** Empty: of every type. */
  readonly evidenceType: string
}
/** Which contests are asked for. */
export interface AskedContests extends AskedHoldings {
  readonly state: ContestState
  readonly sinceMs: number
}
const everyHolding: AskedHoldings = { pageSize: 0, evidenceType: '' }
const everyContest: AskedContests = { ...everyHolding, state: ContestState.CONTEST_STATE_UNSPECIFIED, sinceMs: 0 }

/** What each member answered, and which were not reached. */
export interface FromMembers<T> {
  readonly found: readonly T[]
  readonly members: readonly AskedMember[]
}

interface Ticket {
  readonly ticket: string
  readonly basisId: string
}
interface Page<T> {
  readonly found: readonly T[]
  readonly nextPageToken: string
}

/** A person's wish to have something corrected. */
export interface Contesting {
  readonly agency: string
  readonly evidenceType: string
  readonly version: number
  readonly field: string
  readonly statement: string
}

/** The same key makes the same contest: a UUID (RFC 9562, version 8) of what the person sent it with. */
const contestIdOf = (person: Person, agency: string, idempotencyKey: string): string => {
  const bytes = createHash('sha256').update(`${person.subject}\n${agency}\n${idempotencyKey}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

type Needs = Pick<GatewayContext, 'neighbours' | 'members' | 'federation' | 'clock'>

/** What the members hold about a logged-in person, and what that person contests; nothing of it stays at the portal. */
export class OwnEvidence {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** What each member that knows the person holds; `of` asks one member for what follows a page. */
  async holdings(
    person: Person,
    accessToken: string,
    deadline: Deadline,
    of?: { readonly member: string; readonly pageToken: string },
    asked: AskedHoldings = everyHolding,
  ): Promise<FromMembers<HoldingView>> {
    return this.#fanOut(person, accessToken, deadline, of, async (member, ticket, pageToken, shorter) => {
      const corrections = this.#needs.members.correctionsOf(member)
      const { holdings, nextPageToken } = await corrections.listHoldings(
        { ...asked, ...ticket, pageToken },
        { deadline: shorter },
      )
      return { found: holdings.map((holding) => holdingView(member, holding)), nextPageToken }
    })
  }

  /** What the person contested at each member, newest first at each. */
  async contests(
    person: Person,
    accessToken: string,
    deadline: Deadline,
    of?: { readonly member: string; readonly pageToken: string },
    asked: AskedContests = everyContest,
  ): Promise<FromMembers<ContestView>> {
    return this.#fanOut(person, accessToken, deadline, of, async (member, ticket, pageToken, shorter) => {
      const corrections = this.#needs.members.correctionsOf(member)
      const { contests, nextPageToken } = await corrections.listOwnContests(
        { ...asked, ...ticket, pageToken },
        { deadline: shorter },
      )
      return { found: contests.map((contest) => ownContestView(member, contest)), nextPageToken }
    })
  }

  /** Contests evidence that a member provides. */
  async contest(
    { agency, ...contested }: Contesting,
    person: Person,
    idempotencyKey: string,
    deadline: Deadline,
  ): Promise<{ contestId: string; contestedAt: string }> {
    const ticket = await this.#ticket(person, agency, deadline)
    const contestId = contestIdOf(person, agency, idempotencyKey)
    const corrections = this.#needs.members.correctionsOf(agency)
    const { contestedAtMs } = await corrections.contestEvidence({ ...ticket, contestId, ...contested }, { deadline })
    return { contestId, contestedAt: instantOf(contestedAtMs) }
  }

  async #fanOut<T>(
    person: Person,
    accessToken: string,
    deadline: Deadline,
    of: { readonly member: string; readonly pageToken: string } | undefined,
    ask: (member: string, ticket: Ticket, pageToken: string, deadline: Deadline) => Promise<Page<T>>,
  ): Promise<FromMembers<T>> {
    const known = of
      ? [of.member]
      : (await this.#needs.neighbours.identity.listKnowingMembers({}, { deadline, accessToken })).members
    const answers = await Promise.all(
      known.map(async (member): Promise<AskedMember & { found: readonly T[] }> => {
        const shorter = Deadline.after(deadline.remainingMs() - reservedMs, this.#needs.clock)
        try {
          const ticket = await this.#ticket(person, member, shorter)
          const { found, nextPageToken } = await shorter.race(ask(member, ticket, of?.pageToken ?? '', shorter))
          return { member, isReached: true, ...(nextPageToken !== '' && { nextPageToken }), found }
        } catch (thrown) {
          const { reason } = toMeshError(thrown)
          if (concernsLogin.has(reason)) throw thrown
          return { member, isReached: false, reason, found: [] }
        }
      }),
    )
    return {
      found: answers.flatMap(({ found }) => found),
      members: answers.map(({ found: _, ...asked }) => asked),
    }
  }

  async #ticket(person: Person, provider: string, deadline: Deadline): Promise<Ticket> {
    const basisId = basisIdFrom(randomBytes(16))
    const { ticket } = await this.#needs.neighbours.identity.requestTicket(
      { subject: person.subject, provider, purpose: personalAccess, basisId, loginHandle: person.loginHandle },
      { deadline },
    )
    return { ticket, basisId }
  }
}
