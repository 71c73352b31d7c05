import { randomUUID } from 'node:crypto'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { enrolPeople, type Pseudonyms } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { Channel, ConsentAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { mintedLogin } from '../load/minted-login.js'
import { parts } from './_fault-federation.js'
import { until } from './_until.js'

const deadlineMs = 10_000

/** One question that the requester's software may put as often as it likes. */
export interface Asking {
  readonly person: PlannedPerson
  readonly subject: string
  readonly purpose: string
  readonly basisId: string
}

export interface Withdrawal {
  readonly recordedAtMs: number
  readonly inForceAtMs: number | undefined
}

/** People whom both agencies know and whose evidence the provider holds; each test takes some of its own. */
export class Scene {
  readonly #places: Places
  readonly #pseudonyms: Pseudonyms
  readonly #left: PlannedPerson[]

  private constructor(places: Places, pseudonyms: Pseudonyms) {
    this.#places = places
    this.#pseudonyms = pseudonyms
    this.#left = [...places.plan.people]
  }

  static async open(places: Places): Promise<Scene> {
    const scene = new Scene(places, await enrolPeople(places, places.plan.people))
    const provider = scene.system(parts.provider)
    const value = {
      quotient_familial: { fournisseur: 'CNAF', valeur: 612, annee: 2026, mois: 10 },
      allocataires: [],
      enfants: [],
      adresse: { destinataire: 'Madame PANNE', code_postal_ville: '08000 VILLE' },
    }
    const declared = {
      evidenceType: parts.evidenceType,
      valueJson: JSON.stringify(value),
      related: [],
      supersedesVersion: 0,
    }
    for (const person of places.plan.people) {
      const subject = scene.subject(parts.provider, person)
      const call = await provider.call('evidence:declare')
      await provider.documents.declareEvidence({ ...declared, subject, asOfMs: Date.now() - 1000 }, call)
    }
    provider.close()
    return scene
  }

  /** An agency's own software, with connections of its own. */
  system(agency: string): AgencySystem {
    return new AgencySystem(this.#places, agency)
  }

  subject(agency: string, person: PlannedPerson): string {
    return this.#pseudonyms.get(agency)?.get(person.key) ?? ''
  }

  /** Somebody whom no other test touches. */
  somebody(): PlannedPerson {
    const person = this.#left.pop()
    if (!person) throw new Error('start the federation with more people')
    return person
  }

  /** Somebody is told; the exchange needs no consent. */
  async informed(person: PlannedPerson = this.somebody()): Promise<Asking> {
    const town = this.system(parts.requester)
    const subject = this.subject(parts.requester, person)
    const purpose = 'school-meals'
    const { basisId } = await town.consent.recordNotice(
      {
        subject,
        provider: parts.provider,
        purpose,
        evidenceTypes: [parts.evidenceType],
        textVersion: this.#places.list().purpose(purpose).textVersion,
        language: 'fr',
        channel: Channel.CHANNEL_COUNTER,
      },
      await town.call('notice:write'),
    )
    town.close()
    return { person, subject, purpose, basisId }
  }

  /** Somebody is asked, and says yes in a session with the consent authority; answers once the authority has committed. */
  async granted(person: PlannedPerson = this.somebody()): Promise<{ asking: () => Promise<Asking> }> {
    const town = this.system(parts.requester)
    const authority = this.system(parts.consentAuthority)
    const subject = this.subject(parts.requester, person)
    const purpose = 'leisure-card'
    const { requestId } = await town.consent.openConsentRequest(
      {
        subject,
        purpose,
        providers: [parts.provider],
        evidenceTypes: [parts.evidenceType],
        durationDays: 30,
        returnUrl: `${this.#places.origin(parts.requester)}/procedures/${purpose}`,
      },
      await town.call('consent:request'),
    )
    const { accessToken } = await authority.identity.exchangeToken(
      {
        subjectToken: mintedLogin(this.#places, person, parts.consentAuthority),
        subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      },
      await authority.call('identity:exchange'),
    )
    await authority
      .service('consent-authority', ConsentAuthorityServiceDefinition)
      .grantConsent({ requestId, language: 'fr' }, { accessToken, deadlineMs, idempotencyKey: randomUUID() })
    authority.close()
    const asking = async (): Promise<Asking> => {
      const basisId = await until('the consent is told to the requester', async () => {
        const { bases } = await town.consent.getConsentOutcome({ requestId }, await town.call('consent:request'))
        return bases[0]?.basisId
      })
      town.close()
      return { person, subject, purpose, basisId }
    }
    return { asking }
  }

  async consented(person: PlannedPerson = this.somebody()): Promise<Asking> {
    const { asking } = await this.granted(person)
    return asking()
  }

  /** The person withdraws the consent at the portal; asking again answers the same withdrawal. */
  async withdraw(person: PlannedPerson): Promise<Withdrawal> {
    const origin = this.#places.origin(parts.portal)
    const headers = { authorization: `Bearer ${mintedLogin(this.#places, person, parts.portal)}` }
    const listed = await fetch(`${origin}/v1/me/consents`, { headers })
    const { consents = [] } = (await listed.json()) as { consents?: { id: string }[] }
    const response = await fetch(`${origin}/v1/me/consents/${consents[0]?.id}`, { method: 'DELETE', headers })
    if (!response.ok) throw new Error(`withdrawal: ${response.status} ${await response.text()}`)
    const { recordedAt, inForceAt } = (await response.json()) as { recordedAt: string; inForceAt: string | null }
    return { recordedAtMs: Date.parse(recordedAt), inForceAtMs: inForceAt === null ? undefined : Date.parse(inForceAt) }
  }
}
