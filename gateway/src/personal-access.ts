import type { Deadline } from '@unefois/chassis/deadline'
import { ConsentState, type ListConsentsRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  AccessOutcome,
  ExchangeSide,
  type GetAccessProofResponse,
  type ListAccessesRequest,
  PreviewAnswer,
  type PreviewEvidenceResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { type Answered, type AskedMember, AskingMembers, type FoundPage, together } from './asking-members.js'
import type { GatewayContext } from './context.js'
import type { Person } from './personal-tickets.js'
import type { PreviewOwed } from './preview-address.js'
import { type AccessView, accessView, type ConsentView, consentView, instantOf, withdrawalView } from './rest/views.js'

/** The purpose of every ticket that the portal asks for: a person looking at what is theirs. */
export const personalAccess = 'personal-access'

/** Which entries of a member are asked for. */
export type AskedAccesses = Omit<ListAccessesRequest, 'ticket' | 'basisId'>
const everyAccess: AskedAccesses = {
  pageSize: 0,
  pageToken: '',
  counterparty: '',
  side: ExchangeSide.EXCHANGE_SIDE_UNSPECIFIED,
  evidenceType: '',
  purpose: '',
  sinceMs: 0,
  untilMs: 0,
  outcome: AccessOutcome.ACCESS_OUTCOME_UNSPECIFIED,
}

/** Which consents are asked for. */
export type AskedConsents = Omit<ListConsentsRequest, 'ticket' | 'basisId'>
const everyConsent: AskedConsents = {
  pageSize: 0,
  pageToken: '',
  state: ConsentState.CONSENT_STATE_UNSPECIFIED,
  requester: '',
  purpose: '',
}
const mostConsentPages = 10

export interface Accesses {
  /** Newest first. */
  readonly accesses: readonly AccessView[]
  readonly members: readonly AskedMember[]
}

const previewAnswers = {
  confirmed: PreviewAnswer.PREVIEW_ANSWER_CONFIRMED,
  declined: PreviewAnswer.PREVIEW_ANSWER_DECLINED,
}

type Needs = Pick<GatewayContext, 'neighbours' | 'members' | 'federation' | 'clock' | 'tickets'>

/** What the portal asks the members for a logged-in person, each time under a ticket that only that member opens. */
export class PersonalAccess {
  readonly #needs: Needs
  readonly #asking: AskingMembers

  constructor(needs: Needs) {
    this.#needs = needs
    this.#asking = new AskingMembers(needs, personalAccess)
  }

  /** Every use of data about the person, as each member that knows them recorded it; the unreachable are marked. */
  async accesses(
    person: Person,
    accessToken: string,
    deadline: Deadline,
    asked: Partial<AskedAccesses> = {},
  ): Promise<Accesses> {
    const members = await this.#asking.knowing(person, accessToken, deadline)
    return mergeAccesses(await Promise.all(members.map((member) => this.#ask(member, person, deadline, asked))))
  }

  /** Further entries of one member. Error: PAGE_TOKEN_MISMATCH. */
  async accessesOf(
    member: string,
    person: Person,
    deadline: Deadline,
    pageToken: string,
    asked: Partial<AskedAccesses> = {},
  ): Promise<Accesses> {
    return mergeAccesses([await this.#ask(member, person, deadline, { ...asked, pageToken })])
  }

  /** What is needed to verify one entry offline. */
  async proof(member: string, recordId: string, person: Person, deadline: Deadline): Promise<GetAccessProofResponse> {
    const ticket = await this.#asking.ticket(person, member, deadline)
    return this.#needs.members.documentsOf(member).getAccessProof({ ...ticket, recordId }, { deadline })
  }

  /** What a release would contain; the values are for the person only. */
  async preview(
    of: { requester: string; provider: string; evidenceType: string; purpose: string },
    person: Person,
    deadline: Deadline,
  ): Promise<PreviewEvidenceResponse> {
    const { requester, provider, evidenceType, purpose } = of
    const ticket = await this.#asking.ticket(person, provider, deadline)
    const asked = { ...ticket, requester, evidenceType, purpose }
    return this.#needs.members.documentsOf(provider).previewEvidence(asked, { deadline })
  }

  /** Keeps what the person answered to a preview; answers until when that counts. */
  async answerPreview(
    answered: PreviewOwed & { readonly answer: 'confirmed' | 'declined'; readonly evidenceVersion: number },
    person: Person,
    deadline: Deadline,
  ): Promise<{ validUntil: string }> {
    const { provider, requester, evidenceType, purpose, basisId: requestedBasisId, evidenceVersion } = answered
    const ticket = await this.#asking.ticket(person, provider, deadline)
    const answer = previewAnswers[answered.answer]
    const { validUntilMs } = await this.#needs.members
      .documentsOf(provider)
      .answerPreview(
        { ...ticket, requester, evidenceType, purpose, requestedBasisId, answer, evidenceVersion },
        { deadline },
      )
    return { validUntil: instantOf(validUntilMs) }
  }

  /** Opposes a member's proactive use for one purpose; answers until when the marker is kept. */
  async oppose(
    { agency, purpose }: { readonly agency: string; readonly purpose: string },
    person: Person,
    deadline: Deadline,
  ): Promise<{ recordedAt: string; keptUntil: string }> {
    const ticket = await this.#asking.ticket(person, agency, deadline)
    const documents = this.#needs.members.documentsOf(agency)
    const { recordedAtMs, keptUntilMs } = await documents.opposeUse({ ...ticket, purpose }, { deadline })
    return { recordedAt: instantOf(recordedAtMs), keptUntil: instantOf(keptUntilMs) }
  }

  /** One page of the person's consents. Errors: FILTER_UNKNOWN, PAGE_TOKEN_MISMATCH. */
  async consentPage(
    person: Person,
    deadline: Deadline,
    asked: Partial<AskedConsents> = {},
  ): Promise<{ consents: ConsentView[]; nextPageToken: string }> {
    const ticket = await this.#authorityTicket(person, deadline)
    const authority = this.#needs.members.consentAuthority()
    const { consents, nextPageToken } = await authority.listConsents(
      { ...everyConsent, ...asked, ...ticket },
      { deadline },
    )
    return { consents: consents.map(consentView), nextPageToken }
  }

  /** All of the person's consents, newest first, as far as a page for a person can show them. */
  async consents(person: Person, deadline: Deadline): Promise<ConsentView[]> {
    const found: ConsentView[] = []
    let pageToken = ''
    for (let page = 0; page < mostConsentPages; page += 1) {
      const { consents, nextPageToken } = await this.consentPage(person, deadline, { pageSize: 50, pageToken })
      found.push(...consents)
      if (!nextPageToken) break
      pageToken = nextPageToken
    }
    return found
  }

  /** Withdraws a consent: recorded at once, in force when no provider can release any more. */
  async withdraw(
    consentId: string,
    person: Person,
    deadline: Deadline,
  ): Promise<{ recordedAt: string; inForceAt: string | null }> {
    const ticket = await this.#authorityTicket(person, deadline)
    const authority = this.#needs.members.consentAuthority()
    const { recordedAtMs, inForceAtMs } = await authority.revokeConsent({ ...ticket, consentId }, { deadline })
    return withdrawalView(recordedAtMs, inForceAtMs)
  }

  #authorityTicket(person: Person, deadline: Deadline): Promise<{ ticket: string; basisId: string }> {
    const authority = this.#needs.federation.current.memberWithRole('consent-authority')
    return this.#asking.ticket(person, authority.id, deadline)
  }

  #ask(member: string, person: Person, deadline: Deadline, asked: Partial<AskedAccesses>): Promise<AnsweredAccesses> {
    return this.#asking.ask(member, person, deadline, async (ticket, shorter) => {
      const documents = this.#needs.members.documentsOf(member)
      const { accesses, nextPageToken } = await documents.listAccesses(
        { ...everyAccess, ...asked, ...ticket },
        { deadline: shorter },
      )
      return { found: accesses.map((entry) => accessView(member, entry, { hasProof: true })), nextPageToken }
    })
  }
}

type AnsweredAccesses = Answered<FoundPage<AccessView>>

const mergeAccesses = (answers: readonly AnsweredAccesses[]): Accesses => {
  const { found, members } = together(answers)
  return { accesses: [...found].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)), members }
}
