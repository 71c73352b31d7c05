import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import type { RequestEvidenceRequest, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { enrolAt, freshPerson } from './_federation.js'
import { idTokenOf, personTokenOf, portal } from './_resident.js'
import { type RestAnswer, restOf } from './_rest.js'

/** Who asks whom for what in a mode of its own. */
export interface Use {
  readonly requester: string
  readonly provider: string
  readonly evidenceType: string
  readonly purpose: string
  readonly value: object
}

/** A birth, told once by the town's civil status to the fund, when the parent wishes it. */
export const birth: Use = {
  requester: 'caf',
  provider: 'saint-aubin',
  evidenceType: 'acte-naissance',
  purpose: 'birth',
  value: {
    enfant: {
      nomNaissance: 'ESSAI',
      prenoms: 'Lou',
      dateNaissance: '2026-10-01',
      sexe: 'F',
      communeNaissance: '08480',
    },
    parents: [{ nomNaissance: 'ESSAI', prenoms: 'CAMILLE', dateNaissance: '1980-01-01' }],
  },
}

/** A minimum pension that somebody may be entitled to without knowing. */
export const pension: Use = {
  requester: 'msa',
  provider: 'carsat',
  evidenceType: 'carriere-retraite',
  purpose: 'aspa-information',
  value: { trimestresValides: 61, trimestresRequis: 167, derniereAnneeReportee: 2009 },
}

/** A fare that somebody may be entitled to without knowing, because the health fund covers them. */
export const fareSought: Use = {
  requester: 'mobilites-ardenne',
  provider: 'cpam',
  evidenceType: 'complementaire-sante-solidaire',
  purpose: 'solidarity-fare-information',
  value: { est_beneficiaire: true, avec_participation: false, date_debut_droit: '2026-06-01' },
}

/** A school-meal rate, for which the person is told. */
export const meals: Use = {
  requester: 'saint-aubin',
  provider: 'caf',
  evidenceType: 'quotient-familial',
  purpose: 'school-meals',
  value: {},
}

/** Enters one more entry into an agency's own register, in the place of one about the same person. */
const hold = (places: Places, { provider, evidenceType, value }: Use, subject: string, version: number): void => {
  const path = registerEntriesPath(places.directory, provider, evidenceType)
  const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
  const entry = { subject, evidenceType, valueJson: JSON.stringify(value), version, asOfMs: Date.now(), related: [] }
  writeFileSync(path, JSON.stringify([...entries.filter((each) => each.subject !== subject), entry]))
}

/** Somebody whom no other journey touches, known to both ends of a use. */
export class Someone {
  readonly places: Places
  readonly use: Use
  readonly person: PlannedPerson
  /** The requester's software. */
  readonly system: AgencySystem
  /** The requester's and the provider's own pseudonyms of the person. */
  readonly subject: string
  readonly atProvider: string

  private constructor(places: Places, use: Use, person: PlannedPerson, subject: string, atProvider: string) {
    this.places = places
    this.use = use
    this.person = person
    this.system = new AgencySystem(places, use.requester)
    this.subject = subject
    this.atProvider = atProvider
  }

  static async settle(places: Places, use: Use): Promise<Someone> {
    const person = await freshPerson(places)
    const [subject, atProvider] = await Promise.all([
      enrolAt(places, use.requester, person),
      enrolAt(places, use.provider, person),
    ])
    return new Someone(places, use, person, subject, atProvider)
  }

  /** The provider's register holds this about the person from now on, or what the use says. */
  hold(version: number, value: object = this.use.value): this {
    hold(this.places, { ...this.use, value }, this.atProvider, version)
    return this
  }

  /** What the requester asks. */
  wish(basisId: string, changes: Partial<RequestEvidenceRequest> = {}): RequestEvidenceRequest {
    const { provider, evidenceType, purpose } = this.use
    const wish = { subject: this.subject, provider, evidenceType, purpose, procedure: purpose, basisId }
    return { ...wish, fields: [], predicates: [], ...changes }
  }

  /** The requester's own system asks. */
  async ask(basisId: string): Promise<RequestEvidenceResponse> {
    return this.system.documents.requestEvidence(this.wish(basisId), await this.system.call('evidence:request'))
  }

  /** A call in the person's own session with the requester. */
  async ownCall() {
    const accessToken = await personTokenOf(this.places, this.person, this.use.requester)
    return { accessToken, deadlineMs: 10_000, idempotencyKey: randomUUID() }
  }

  get textVersion(): string {
    return this.places.list().purpose(this.use.purpose).textVersion
  }

  /** The person at the portal's REST door. */
  async atPortal(path: string, body?: object): Promise<RestAnswer> {
    const token = await idTokenOf(this.places, this.person, portal)
    return restOf(this.places, portal, { method: body ? 'POST' : 'GET', path, token, ...(body && { body }) })
  }

  leave(): void {
    this.system.close()
  }
}
