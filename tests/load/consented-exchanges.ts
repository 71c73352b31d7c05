import { randomUUID } from 'node:crypto'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { enrolPeople, type Pseudonyms } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { ConsentAuthorityServiceDefinition, ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { parts } from './bench-plan.js'
import { mintedLogin } from './minted-login.js'

const evidenceType = 'quotient-familial'
const purpose = 'leisure-card'
const field = 'quotient_familial.valeur'
const deadlineMs = 10_000

interface Consented {
  readonly person: PlannedPerson
  readonly subject: string
  readonly basisId: string
}

/** People who consented, and the act of asking for the evidence of one of them. */
export interface ConsentedExchanges {
  readonly places: Places
  readonly town: AgencySystem
  readonly people: readonly PlannedPerson[]
  /** One exchange with warm tickets. */
  readonly exchange: () => Promise<void>
  /** The first exchange about each person: tickets and bases are fetched on the way. Milliseconds. */
  readonly cold: () => Promise<{ p50: number; p99: number }>
}

const declare = async (places: Places, people: readonly PlannedPerson[], pseudonyms: Pseudonyms): Promise<void> => {
  const provider = new AgencySystem(places, parts.provider)
  for (const person of people) {
    const value = {
      quotient_familial: { fournisseur: 'CNAF', valeur: 612, annee: 2026, mois: 10 },
      allocataires: [],
      enfants: [],
      adresse: { destinataire: 'Madame MESURE', code_postal_ville: '08000 VILLE' },
    }
    await provider.documents.declareEvidence(
      {
        subject: pseudonyms.get(parts.provider)?.get(person.key) ?? '',
        evidenceType,
        valueJson: JSON.stringify(value),
        asOfMs: Date.now() - 1000,
        related: [],
        supersedesVersion: 0,
      },
      await provider.call('evidence:declare'),
    )
  }
  provider.close()
}

/** One person's consent, asked for by the town and given in a session with the consent authority. */
const consentOf = async (
  town: AgencySystem,
  authority: AgencySystem,
  places: Places,
  person: PlannedPerson,
  subject: string,
): Promise<Consented> => {
  const { requestId } = await town.consent.openConsentRequest(
    {
      subject,
      purpose,
      providers: [parts.provider],
      evidenceTypes: [evidenceType],
      durationDays: 30,
      returnUrl: `${places.origin(parts.requester)}/procedures/${purpose}`,
    },
    await town.call('consent:request'),
  )
  const { accessToken } = await authority.identity.exchangeToken(
    {
      subjectToken: mintedLogin(places, person, parts.authority),
      subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
    },
    await authority.call('identity:exchange'),
  )
  await authority
    .service('consent-authority', ConsentAuthorityServiceDefinition)
    .grantConsent({ requestId, language: 'fr' }, { accessToken, deadlineMs, idempotencyKey: randomUUID() })
  for (;;) {
    const outcome = await town.consent.getConsentOutcome({ requestId }, await town.call('consent:request'))
    const basisId = outcome.bases[0]?.basisId
    if (outcome.state === ConsentState.CONSENT_STATE_GIVEN && basisId) return { person, subject, basisId }
  }
}

const percentiles = (times: number[]): { p50: number; p99: number } => {
  const sorted = times.sort((a, b) => a - b)
  const at = (share: number): number =>
    Number((sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1))
  return { p50: at(0.5), p99: at(0.99) }
}

/** Sets the scene: people enrolled on both sides, evidence declared, consents given. */
export const consentedExchanges = async (places: Places): Promise<ConsentedExchanges> => {
  const { people } = places.plan
  const pseudonyms = await enrolPeople(places, people)
  await declare(places, people, pseudonyms)
  const town = new AgencySystem(places, parts.requester)
  const authority = new AgencySystem(places, parts.authority)
  const consented: Consented[] = []
  for (const person of people) {
    const subject = pseudonyms.get(parts.requester)?.get(person.key) ?? ''
    consented.push(await consentOf(town, authority, places, person, subject))
  }
  authority.close()
  let call = await town.call('evidence:request')
  const renewal = setInterval(() => {
    void town.call('evidence:request').then((fresh) => {
      call = fresh
    })
  }, 240_000)
  renewal.unref()
  const ask = async ({ subject, basisId }: Consented): Promise<void> => {
    const { outcome } = await town.documents.requestEvidence(
      {
        subject,
        provider: parts.provider,
        evidenceType,
        purpose,
        procedure: purpose,
        basisId,
        fields: [field],
        predicates: [],
      },
      { accessToken: call.accessToken as string, deadlineMs },
    )
    if (outcome?.$case !== 'evidence') throw new Error(`no evidence: ${outcome?.$case}`)
  }
  let turn = 0
  return {
    places,
    town,
    people,
    exchange: () => ask(consented[turn++ % consented.length] as Consented),
    cold: async () => {
      const times: number[] = []
      for (const each of consented) {
        const at = performance.now()
        await ask(each)
        times.push(performance.now() - at)
      }
      return percentiles(times)
    },
  }
}

/** Each person withdraws at the portal; measured from recorded to in force, as the authority says both. Milliseconds. */
export const measureWithdrawals = async ({
  places,
  people,
}: ConsentedExchanges): Promise<{ p50: number; p99: number; count: number }> => {
  const times: number[] = []
  for (const person of people) {
    const headers = { authorization: `Bearer ${mintedLogin(places, person, parts.portal)}` }
    const list = await fetch(`${places.origin(parts.portal)}/v1/me/consents`, { headers })
    const { consents } = (await list.json()) as { consents: { id: string; state: string }[] }
    for (const { id } of consents.filter(({ state }) => state === 'given')) {
      const response = await fetch(`${places.origin(parts.portal)}/v1/me/consents/${id}`, { method: 'DELETE', headers })
      const { recordedAt, inForceAt } = (await response.json()) as { recordedAt: string; inForceAt: string | null }
      if (inForceAt) times.push(Date.parse(inForceAt) - Date.parse(recordedAt))
    }
  }
  return { ...percentiles(times), count: times.length }
}
