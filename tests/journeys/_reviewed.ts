import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import { decisionSignatureType } from '@unefois/proto/decision-statements'
import { CorrectionServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import {
  type Application,
  ApplicationServiceDefinition,
  Channel,
  type Hand,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import {
  type Decision,
  type DecisionMade,
  DecisionServiceDefinition,
  Outcome,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { type Review, ReviewServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { generateKeyPair, importPrivateKey, type PrivateKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import { vi } from 'vitest'
import { enrolAt, freshPerson } from './_federation.js'
import { evidenceType, fund, Resident, told, town } from './_resident.js'

const agentNamed = {
  agentId: 'agent-17',
  firstName: 'Nadia',
  lastName: 'Roux',
  capacity: 'Responsable des affaires scolaires',
  isUnnamed: false,
}
export const byAgent: Hand = { who: { $case: 'agent', value: agentNamed } }

/** The rate that the family has, as an agent writes it. */
export const granted = (gives: string): DecisionMade => ({
  outcome: Outcome.OUTCOME_GRANTED,
  reasons: '',
  gives,
  fromDay: '',
  toDay: '',
})

/** A family to which the town granted the school-meal rate on what the fund told, signed by an agent of the town. */
export class Reviewed {
  readonly resident: Resident
  readonly fund: AgencySystem
  readonly #child: string
  readonly #delegationId: string
  readonly #key: PrivateKey
  applicationId = ''

  private constructor(resident: Resident, child: string, delegationId: string, key: PrivateKey) {
    this.resident = resident
    this.fund = new AgencySystem(resident.places, fund)
    this.#child = child
    this.#delegationId = delegationId
    this.#key = key
  }

  static async settle(places: Places): Promise<Reviewed> {
    const resident = await Resident.settle(places)
    const person = await freshPerson(places)
    const [child, childAtFund] = await Promise.all([enrolAt(places, town, person), enrolAt(places, fund, person)])
    const { publicJwk, privateJwk } = generateKeyPair('sign', 'agent')
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const { delegation } = await resident.town.service('eligibility', DecisionServiceDefinition).registerDelegation(
      {
        delegation: {
          delegationId: '',
          agent: { ...agentNamed, agentId: randomUUID() },
          jwkJson: JSON.stringify(publicJwk),
          procedures: [told],
          outcomes: [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_PARTLY_GRANTED, Outcome.OUTCOME_REFUSED],
          fromDay: day(-1),
          toDay: day(30),
          legalReference: 'Arrêté du maire portant délégation de signature, affiché en mairie',
          endedAtMs: 0,
        },
      },
      await resident.town.call('delegations:register'),
    )
    const settled = new Reviewed(resident, child, delegation?.delegationId ?? '', importPrivateKey(privateJwk))
    settled.#enter((entry) => ({ ...entry, related: [{ relation: 'enfants', subject: childAtFund }] }))
    return settled
  }

  get reviews() {
    return this.resident.town.service('eligibility', ReviewServiceDefinition)
  }
  get decisions() {
    return this.resident.town.service('eligibility', DecisionServiceDefinition)
  }
  get applications() {
    return this.resident.town.service('eligibility', ApplicationServiceDefinition)
  }

  /** On which the fund may be asked about the family; a new notice each time. */
  async bases() {
    return [{ provider: fund, purpose: told, basisId: await this.resident.tell() }]
  }

  /** Applies at the counter, has the fund asked, and grants what the rule finds. */
  async decide(): Promise<Decision> {
    const { application } = await this.applications.submitApplication(
      {
        subject: this.resident.subject,
        procedure: told,
        channel: Channel.CHANNEL_COUNTER,
        depositedAtMs: 0,
        entries: [{ field: 'school', text: 'École du Centre, CE1' }],
        facts: [{ name: 'école de la commune', value: { $case: 'yes', value: true } }],
        language: 'fr',
        appealedDecisionId: '',
        by: byAgent,
      },
      await this.resident.town.call('applications:submit'),
    )
    this.applicationId = application?.applicationId ?? ''
    await this.applications.examineApplication(
      { applicationId: this.applicationId, bases: await this.bases(), relatedSubject: this.#child, ownRecords: [] },
      await this.resident.town.call('applications:examine evidence:request'),
    )
    return this.issue(granted('Le tarif au quotient.'))
  }

  async prepare(made: DecisionMade, reviewId = ''): Promise<string> {
    const { statementJson } = await this.decisions.prepareDecision(
      { applicationId: this.applicationId, delegationId: this.#delegationId, made, reviewId },
      await this.resident.town.call('applications:decide'),
    )
    return statementJson
  }

  /** Prepares, signs with the agent's own key, and issues. */
  async issue(made: DecisionMade, reviewId = ''): Promise<Decision> {
    const statement = JSON.parse(await this.prepare(made, reviewId))
    const { decision } = await this.decisions.issueDecision(
      {
        applicationId: this.applicationId,
        made,
        signatureJws: signToken(decisionSignatureType, statement, this.#key),
        reviewId,
      },
      await this.resident.town.call('applications:decide'),
    )
    if (!decision) throw new Error('no decision was issued')
    return decision
  }

  /** The quotient in the fund's register is another from now on; answers the version of the entry. */
  enterQuotient(valeur: number): number {
    let version = 0
    this.#enter((entry) => {
      const value = JSON.parse(entry.valueJson)
      const valueJson = JSON.stringify({ ...value, quotient_familial: { ...value.quotient_familial, valeur } })
      version = entry.version + 1
      return { ...entry, valueJson, version, asOfMs: Date.now() }
    })
    return version
  }

  /** The fund puts its register right, and says which version was wrong. */
  async correctQuotient(valeur: number): Promise<void> {
    const correctedVersion = this.enterQuotient(valeur)
    await this.fund.service('documents', CorrectionServiceDefinition).reportCorrection(
      {
        subject: this.resident.atFund,
        evidenceType,
        versions: { firstVersion: correctedVersion - 1, lastVersion: correctedVersion - 1, correctedVersion },
      },
      await this.fund.call('evidence:declare'),
    )
  }

  /** The review of a decision that did not end, once there is one. */
  async reviewOf({ decisionId }: Pick<Decision, 'decisionId'>): Promise<Review> {
    return vi.waitFor(
      async () => {
        const asked = { state: 0, decisionId, pageSize: 0, pageToken: '' } as const
        const { reviews } = await this.reviews.listReviews(asked, await this.resident.town.call('reviews:read'))
        const [review] = reviews
        if (!review) throw new Error('there is no review yet')
        return review
      },
      { timeout: 20_000, interval: 100 },
    )
  }

  async reassess(reviewId: string): Promise<Review> {
    const { review } = await this.reviews.reassessDecision(
      { reviewId, bases: await this.bases(), relatedSubject: this.#child },
      await this.resident.town.call('reviews:decide evidence:request'),
    )
    if (!review) throw new Error('no review was answered')
    return review
  }

  async application(): Promise<Application> {
    const { application } = await this.applications.getApplication(
      { applicationId: this.applicationId },
      await this.resident.town.call('applications:read'),
    )
    if (!application) throw new Error('no application was answered')
    return application
  }

  leave(): void {
    this.resident.leave()
    this.fund.close()
  }

  #enter(change: (entry: RegisterEntry) => RegisterEntry): void {
    const { places, atFund } = this.resident
    const path = registerEntriesPath(places.directory, fund, evidenceType)
    const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify(entries.map((entry) => (entry.subject === atFund ? change(entry) : entry))))
  }
}
