import type { Authorisation } from '@unefois/proto/federation-list'
import type { Evidence } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { JsonObject } from '@unefois/proto/mask'
import type { DocumentsContext } from './context.js'
import type { AskedPredicate, Holding } from './domain/evidence.js'
import {
  arePlacesOwn,
  asRequesterMaySee,
  concernsPlaces,
  hasPlaces,
  mustHaveEndedBy,
  ownViewRefusal,
  type PlacesOf,
  type Protected,
  peopleOf,
  type Viewer,
  withoutPlaces,
  withoutPlacesHeld,
} from './domain/protection.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'protectedSubjects' | 'withheldExchanges'>

interface Asked {
  readonly fields: readonly string[]
  readonly predicates: readonly AskedPredicate[]
}

/** Where evidence that this member keeps came from. */
interface ReceivedFrom {
  readonly subject: string
  readonly exchangeId: string
  readonly evidenceType: string
  readonly authorisation: Authorisation | undefined
}

/** Applies the rules on protected persons to whatever this member shows, with what the federation says of places. */
export class Places {
  readonly #needs: Needs
  /** Which authorisations could ever release a place, by the object that one federation list has for each. */
  readonly #concerned = new WeakMap<Authorisation, boolean>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Of a type that the federation has no more nothing is said, and then every field is a place. */
  of(evidenceType: string): PlacesOf {
    return this.#needs.runtime.federation.current.claims.evidenceTypes.find(({ id }) => id === evidenceType) ?? {}
  }

  /** The people whose protection decides what of this release is withheld; nobody for most. */
  peopleOf(authorisation: Authorisation, holding: Holding, asked: Asked, subject: string): readonly string[] {
    if (!this.#concerns(authorisation)) return []
    return peopleOf(authorisation, this.of(authorisation.evidenceType), holding, asked, subject)
  }

  /** What may be released when these people are protected. */
  asReleased(authorisation: Authorisation, holding: Holding, asked: Asked, known: Protected): Holding {
    return asRequesterMaySee(holding, this.of(authorisation.evidenceType), asked, known)
  }

  /** What would be released now, for a preview. */
  async previewed(authorisation: Authorisation, holding: Holding, asked: Asked, subject: string): Promise<Holding> {
    const { runtime, protectedSubjects } = this.#needs
    const people = this.peopleOf(authorisation, holding, asked, subject)
    const known = await protectedSubjects.among(people, mustHaveEndedBy(authorisation, runtime.clock.nowMs()))
    return this.asReleased(authorisation, holding, asked, known)
  }

  /** Whether this value, released under this authorisation, tells a place. */
  areIn(value: JsonObject, { evidenceType }: Pick<Authorisation, 'evidenceType'>): boolean {
    return hasPlaces(value, this.of(evidenceType))
  }

  /** What a person sees of their own files at this member: not the places of somebody else who is protected. */
  async own(
    subject: string,
    held: readonly { readonly evidenceType: string; readonly holding: Holding }[],
  ): Promise<Holding[]> {
    const { runtime, protectedSubjects } = this.#needs
    const named = held.flatMap(({ holding }) => (holding.kind === 'found' ? holding.evidence.related : []))
    const people = [...new Set([subject, ...named.map((each) => each.subject)])]
    const known = named.length === 0 ? new Map() : await protectedSubjects.among(people, runtime.clock.nowMs())
    return held.map(({ evidenceType, holding }) =>
      holding.kind !== 'found' || arePlacesOwn(holding.evidence, subject, known)
        ? holding
        : withoutPlacesHeld(holding, this.of(evidenceType)),
    )
  }

  /**
   * Evidence that this member received, as whoever reads it may see it: this member's systems without places while its person
   * is protected, also what came before the protection or from a provider that had not heard of it; the person whole, with a
   * login that is strong enough. Of a file that names somebody else who is protected, nobody sees the places.
   */
  async received(evidence: Evidence, of: ReceivedFrom, viewer: Viewer | undefined): Promise<Evidence> {
    const { subject, exchangeId, authorisation } = of
    const type = this.of(of.evidenceType)
    if (evidence.valueJson === '' || authorisation?.protectedPlacesBy !== undefined) return evidence
    const value: JsonObject = JSON.parse(evidence.valueJson)
    if (!hasPlaces(value, type)) return evidence
    const { runtime, protectedSubjects, withheldExchanges } = this.#needs
    const nowMs = runtime.clock.nowMs()
    const protection = (await protectedSubjects.among([subject], nowMs)).get(subject)
    const isTheirs = protection === undefined || (viewer !== undefined && !ownViewRefusal(protection, viewer))
    const isOthers = (await withheldExchanges.among([exchangeId], nowMs)).size > 0
    return isTheirs && !isOthers ? evidence : { ...evidence, valueJson: JSON.stringify(withoutPlaces(value, type)) }
  }

  /** The same of what is handed on as it arrives, which for most authorisations can hold no place. */
  async handedOn(
    evidence: Evidence,
    of: { readonly subject: string; readonly exchangeId: string },
    authorisation: Authorisation,
  ): Promise<Evidence> {
    if (!this.#concerns(authorisation)) return evidence
    return this.received(evidence, { ...of, evidenceType: authorisation.evidenceType, authorisation }, undefined)
  }

  #concerns(authorisation: Authorisation): boolean {
    const known = this.#concerned.get(authorisation)
    if (known !== undefined) return known
    const concerns = concernsPlaces(authorisation, this.of(authorisation.evidenceType))
    this.#concerned.set(authorisation, concerns)
    return concerns
  }
}
