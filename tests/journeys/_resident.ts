import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { type ListQuery, type Page, pages } from '@unefois/client/pages'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { logIn } from '@unefois/deploy/sandbox/log-in'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import { Channel, type RecordNoticeRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { RequestEvidenceRequest, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { enrolAt, freshPerson } from './_federation.js'
import { clientOf } from './_rest.js'

/** The parts that these journeys give to the sandbox's members. */
export const town = 'saint-aubin'
export const fund = 'caf'
export const stranger = 'belleroche'
export const portal = 'mon-portail'
export const authority = 'mes-accords'
export const identityAuthority = 'identite'
export const evidenceType = 'quotient-familial'
export const told = 'school-meals'
export const agreed = 'leisure-card'

const value = {
  quotient_familial: { fournisseur: 'CNAF', valeur: 704, annee: 2026, mois: 9, annee_calcul: 2026, mois_calcul: 9 },
  allocataires: [
    { nom_naissance: 'ESSAI', nom_usage: null, prenoms: 'CAMILLE', date_naissance: '1980-01-01', sexe: 'F' },
  ],
  enfants: [],
  adresse: { destinataire: 'Madame ESSAI', code_postal_ville: '08000 SAINT-AUBIN' },
}

/** Enters evidence about one more person into an agency's own register; what it holds about others stays. */
export const holdEvidence = (places: Places, agency: string, subject: string): void => {
  const path = registerEntriesPath(places.directory, agency, evidenceType)
  const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
  const entry = { subject, evidenceType, valueJson: JSON.stringify(value), version: 1, asOfMs: Date.now(), related: [] }
  writeFileSync(path, JSON.stringify([...entries, entry]))
}

/** The ID token of a person's login at the stand-in identity provider, for the client of one member. */
export const idTokenOf = async (places: Places, person: PlannedPerson, member: string): Promise<string> => {
  const jwk = JSON.parse(readFileSync(places.oidcClientKey(member).path, 'utf8'))
  const client = { clientId: member, jwk, redirectUri: `${places.origin(member)}/callback` }
  return (await logIn(places.issuer, client, person.login ?? '')).idToken
}

/** A person's own access token of a member, traded by that member's own system for a login. */
export const personTokenOf = async (places: Places, person: PlannedPerson, member: string): Promise<string> => {
  const system = new AgencySystem(places, member)
  try {
    const { accessToken } = await system.identity.exchangeToken(
      {
        subjectToken: await idTokenOf(places, person, member),
        subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      },
      await system.call('identity:exchange'),
    )
    return accessToken
  } finally {
    system.close()
  }
}

/** Somebody whom no other journey touches: enrolled at the town and at the fund, which holds evidence about them. */
export class Resident {
  readonly places: Places
  readonly person: PlannedPerson
  /** The town's software, at the counter. */
  readonly town: AgencySystem
  /** The town's own pseudonym of the person. */
  readonly subject: string
  /** The fund's own pseudonym of the person. */
  readonly atFund: string
  #portalToken: Promise<string> | undefined

  private constructor(places: Places, person: PlannedPerson, subject: string, atFund: string) {
    this.places = places
    this.person = person
    this.town = new AgencySystem(places, town)
    this.subject = subject
    this.atFund = atFund
  }

  static async settle(places: Places): Promise<Resident> {
    const person = await freshPerson(places)
    const [subject, atFund] = await Promise.all([enrolAt(places, town, person), enrolAt(places, fund, person)])
    holdEvidence(places, fund, atFund)
    return new Resident(places, person, subject, atFund)
  }

  /** What the town records that it told the person. */
  notice(changes: Partial<RecordNoticeRequest> = {}): RecordNoticeRequest {
    return {
      subject: this.subject,
      provider: fund,
      purpose: told,
      evidenceTypes: [evidenceType],
      textVersion: this.places.list().purpose(told).textVersion,
      language: 'fr',
      channel: Channel.CHANNEL_COUNTER,
      ...changes,
    }
  }

  /** Records the notice; answers its basis id. */
  async tell(): Promise<string> {
    const { basisId } = await this.town.consent.recordNotice(this.notice(), await this.town.call('notice:write'))
    return basisId
  }

  /** What the town asks the fund. */
  wish(basisId: string, changes: Partial<RequestEvidenceRequest> = {}): RequestEvidenceRequest {
    return {
      subject: this.subject,
      provider: fund,
      evidenceType,
      purpose: told,
      procedure: told,
      basisId,
      fields: ['quotient_familial.valeur'],
      predicates: [],
      ...changes,
    }
  }

  /** Asks the fund through the town's own service. */
  async ask(basisId: string, changes: Partial<RequestEvidenceRequest> = {}): Promise<RequestEvidenceResponse> {
    return this.town.documents.requestEvidence(this.wish(basisId, changes), await this.town.call('evidence:request'))
  }

  /** The person at the portal's REST door, with a token of their own login. */
  async atPortal(method: string, path: string): Promise<Response> {
    this.#portalToken ??= idTokenOf(this.places, this.person, portal)
    return fetch(`${this.places.origin(portal)}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#portalToken}` },
    })
  }

  /** Every use of data about the person that members have on record, page after page, as the portal lists them. */
  async uses(query: ListQuery<'/v1/me/accesses'> = {}): Promise<Page<'/v1/me/accesses'>['accesses']> {
    this.#portalToken ??= idTokenOf(this.places, this.person, portal)
    const client = clientOf(this.places, portal, async () => this.#portalToken)
    const uses: Page<'/v1/me/accesses'>['accesses'] = []
    for await (const { accesses } of pages(client, '/v1/me/accesses', { query })) uses.push(...accesses)
    return uses
  }

  /** What is on record of an exchange, or of all: by whom, with which outcome and reason. */
  async onRecord(exchangeId?: string): Promise<readonly string[]> {
    const uses = (await this.uses()).filter((use) => exchangeId === undefined || use.exchangeId === exchangeId)
    return uses.map(({ member, requester, outcome, reason }) => `${member}: ${requester} ${outcome} ${reason}`.trim())
  }

  leave(): void {
    this.town.close()
  }
}

/** A fresh exchange id. */
export const exchangeId = (): string => randomUUID()
