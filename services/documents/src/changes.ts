import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Runtime } from '@unefois/chassis/runtime'
import type { Authorisation } from '@unefois/proto/federation-list'
import type { HeldEvidence } from './domain/evidence.js'
import { concernsPlaces, type PlacesOf, withoutPlaces } from './domain/protection.js'
import { isChangeVisible, type Subscriber, subscriptionRefusal } from './domain/subscription.js'
import type { EvidenceStore } from './store/evidence.js'
import { ProtectedSubjects } from './store/protected-subjects.js'
import { Subscribers } from './store/subscribers.js'

interface Needs {
  readonly runtime: Pick<Runtime, 'clock' | 'member'> & {
    readonly postgres: Queryable
    readonly federation: Pick<Runtime['federation'], 'current'>
  }
  readonly evidence: Pick<EvidenceStore, 'readWithin'>
  /** How long a change waits for others, so that all of them are told as one; milliseconds. */
  readonly settleMs: number
}

interface Place {
  readonly subject: string
  readonly evidenceType: string
}

/** What is left of evidence where somebody in it is protected: no places, and nobody else. */
const hidden = (evidence: HeldEvidence | undefined, type: PlacesOf): HeldEvidence | undefined =>
  evidence && { ...evidence, value: withoutPlaces(evidence.value, type), related: [] }

/** Takes note, in the transaction of a change, of who is to be told; what is told is judged again when it is. */
export class Changes {
  readonly subscribers: Subscribers
  readonly #needs: Needs
  readonly #protectedSubjects: ProtectedSubjects

  constructor(needs: Needs) {
    this.#needs = needs
    this.#protectedSubjects = new ProtectedSubjects(needs.runtime.postgres)
    this.subscribers = new Subscribers(needs.runtime.postgres)
  }

  /** Looks at evidence before it changes; the answer is called in the same transaction with what it has become. */
  async before(tx: Transaction, place: Place): Promise<(after: HeldEvidence | undefined) => Promise<void>> {
    const standing = await this.subscribers.standing(tx, place.subject, place.evidenceType)
    if (standing.length === 0) return async () => undefined
    const holding = await this.#needs.evidence.readWithin(tx, place)
    const before = holding.kind === 'found' ? holding.evidence : undefined
    return async (after) => {
      const isProtected = await this.#isProtected(tx, place.subject, [before, after])
      const told = standing.filter((each) => {
        const authorisation = this.authorisationOf(each)
        if (!authorisation) return false
        if (!isProtected || authorisation.protectedPlacesBy !== undefined)
          return isChangeVisible(authorisation, before, after)
        const type = this.#typeOf(place.evidenceType)
        return isChangeVisible(authorisation, hidden(before, type), hidden(after, type))
      })
      await this.#mark(tx, told)
    }
  }

  /**
   * Evidence in the agency's own register changed, nobody here knows in what: every subscriber asks again and sees what it may.
   * Of somebody who is protected nobody is told who could read a place in it: that something changed may be that they moved.
   */
  async reported(tx: Transaction, place: Place): Promise<void> {
    const standing = await this.subscribers.standing(tx, place.subject, place.evidenceType)
    const isProtected = standing.length > 0 && (await this.#isProtected(tx, place.subject, []))
    const type = this.#typeOf(place.evidenceType)
    const told = standing.filter((each) => {
      const authorisation = this.authorisationOf(each)
      return authorisation !== undefined && !(isProtected && concernsPlaces(authorisation, type))
    })
    await this.#mark(tx, told)
  }

  /** The authorisation on which a subscriber may be told now; undefined when it stands no more. */
  authorisationOf({
    requester,
    evidenceType,
    purpose,
    mode,
  }: Pick<Subscriber, 'requester' | 'evidenceType' | 'purpose' | 'mode'>): Authorisation | undefined {
    const { federation, member, clock } = this.#needs.runtime
    const nowSeconds = Math.floor(clock.nowMs() / 1000)
    try {
      federation.current.member(requester, nowSeconds)
      const of = { requester, provider: member, evidenceType, purpose }
      const authorisation = federation.current.authorisation(of, nowSeconds)
      return authorisation.mode === mode && !subscriptionRefusal(authorisation) ? authorisation : undefined
    } catch {
      return undefined
    }
  }

  /** Of a type that the federation has no more nothing is said, and then every field is a place. */
  #typeOf(evidenceType: string): PlacesOf {
    return this.#needs.runtime.federation.current.claims.evidenceTypes.find(({ id }) => id === evidenceType) ?? {}
  }

  async #isProtected(tx: Transaction, subject: string, held: readonly (HeldEvidence | undefined)[]): Promise<boolean> {
    const named = held.flatMap((evidence) => evidence?.related ?? []).map((each) => each.subject)
    const known = await this.#protectedSubjects.hold(tx, [subject, ...named], this.#needs.runtime.clock.nowMs())
    return known.size > 0
  }

  async #mark(tx: Transaction, told: readonly Subscriber[]): Promise<void> {
    const nowMs = Math.floor(this.#needs.runtime.clock.nowMs())
    await this.subscribers.mark(tx, told, nowMs, nowMs + this.#needs.settleMs)
  }
}
