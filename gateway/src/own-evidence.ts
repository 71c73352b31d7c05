import type { Deadline } from '@unefois/chassis/deadline'
import { ContestState } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { AskingMembers, type FoundPage, type FromMembers, idOf, together } from './asking-members.js'
import type { GatewayContext } from './context.js'
import { personalAccess } from './personal-access.js'
import type { Person, Ticket } from './personal-tickets.js'
import { type ContestView, type HoldingView, holdingView, ownContestView } from './rest/correction-views.js'
import { instantOf } from './rest/views.js'

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

/** A person's wish to have something corrected. */
export interface Contesting {
  readonly agency: string
  readonly evidenceType: string
  readonly version: number
  readonly field: string
  readonly statement: string
}

type Needs = Pick<GatewayContext, 'neighbours' | 'members' | 'federation' | 'clock' | 'tickets'>

/** What the members hold about a logged-in person, and what that person contests; nothing of it stays at the portal. */
export class OwnEvidence {
  readonly #needs: Needs
  readonly #asking: AskingMembers

  constructor(needs: Needs) {
    this.#needs = needs
    this.#asking = new AskingMembers(needs, personalAccess)
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
    const ticket = await this.#asking.ticket(person, agency, deadline)
    // The same key makes the same contest.
    const contestId = idOf(person.subject, agency, idempotencyKey)
    const corrections = this.#needs.members.correctionsOf(agency)
    const { contestedAtMs } = await corrections.contestEvidence({ ...ticket, contestId, ...contested }, { deadline })
    return { contestId, contestedAt: instantOf(contestedAtMs) }
  }

  async #fanOut<T>(
    person: Person,
    accessToken: string,
    deadline: Deadline,
    of: { readonly member: string; readonly pageToken: string } | undefined,
    ask: (member: string, ticket: Ticket, pageToken: string, deadline: Deadline) => Promise<FoundPage<T>>,
  ): Promise<FromMembers<T>> {
    const known = of ? [of.member] : await this.#asking.knowing(person, accessToken, deadline)
    const askFor = (member: string) =>
      this.#asking.ask(member, person, deadline, (ticket, shorter) => ask(member, ticket, of?.pageToken ?? '', shorter))
    return together(await Promise.all(known.map(askFor)))
  }
}
