import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import type { RequestEvidenceRequest, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { GivenBasis } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { type Procedure, ProcedureKind } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Agency,
  hallPlace,
  openAgency,
  person,
  practitioner,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { type KeptAppointment, unsaid } from '../domain/appointment.js'
import { hallFederation } from '../federation.fixture.js'
import { prepareAppointment } from './prepare-appointment.js'

const ada = someone()
const words = (text: string) => ({ fr: text, en: text })
const exchangeId = '0b0e7a52-0000-4000-8000-000000000001'
const basis = (provider: string, purpose: string, letter = 'b'): GivenBasis => ({
  provider,
  purpose,
  basisId: `b1.${letter.repeat(22)}`,
})
const [rate, papers] = [basis('fund', 'rate'), basis('town', 'papers')]
const evidence = (values: unknown): RequestEvidenceResponse => ({
  exchangeId,
  outcome: {
    $case: 'evidence',
    value: { valueJson: JSON.stringify(values), version: 3, asOfMs: 7, predicates: [], keepUntilMs: 9 },
  },
})

let agency: Agency
let asked: { readonly request: RequestEvidenceRequest; readonly accessToken: string | undefined }[] = []
let answer: (request: RequestEvidenceRequest) => Promise<RequestEvidenceResponse>
let procedure: () => Promise<Procedure>
let tokensShown: unknown[] = []
const needs = () => ({
  ...agency,
  runtime: Object.assign(Object.create(agency.runtime), { federation: { current: hallFederation() } }),
})

const field = (id: string, isGivenByPerson = false) => ({
  id: `the-${id}`,
  title: words(`Field ${id}`),
  isMandatory: true,
  evidenceType: 'income',
  field: id,
  isGivenByPerson,
})
const mealRate = (): Procedure => ({
  id: 'meal-rate',
  sha256: '',
  kind: ProcedureKind.PROCEDURE_KIND_PLAIN,
  title: words('Meals'),
  summary: words('Meals'),
  benefit: '',
  purposes: ['rate'],
  service: undefined,
  fields: [field('amount'), field('year', true)],
  steps: [],
  silence: undefined,
  remedies: [],
  legalReferences: [],
  publishedAtMs: 1,
  faults: [],
  takesApplications: false,
  isAutomatic: false,
  completionCount: 0,
  completionUnit: '',
})

beforeAll(async () => {
  agency = await openAgency({
    documents: {
      requestEvidence: async (request, { accessToken }) => {
        asked.push({ request, accessToken })
        return answer(request)
      },
    },
    procedures: {
      getProcedure: async (_, call) => {
        tokensShown.push(call.accessToken)
        return { procedure: await procedure() }
      },
    },
  })
  const address = { title: words('An address'), evidenceType: 'address', fields: ['street'] }
  await agency.postgres.transaction((tx) =>
    agency.calendars.publish(tx, {
      places: [hallPlace()],
      resources: [practitioner()],
      serviceTypes: [
        serviceType({ procedure: 'meal-rate', evidence: [address], toBring: [words('A photo')] }),
        serviceType({ serviceTypeId: 'advice' }),
      ],
      schedules: [weekdays()],
      closures: [],
    }),
  )
})
beforeEach(async () => {
  agency.setNow(startMs)
  asked = []
  tokensShown = []
  answer = async ({ evidenceType }) => evidence(evidenceType === 'income' ? { amount: 900 } : { street: 'Rue' })
  procedure = async () => mealRate()
  await agency.postgres.query('TRUNCATE appointment CASCADE')
})
afterAll(() => agency.close())

const keep = async (change: Partial<KeptAppointment> = {}): Promise<KeptAppointment> => {
  const { practitioners, schedules } = await agency.book.current()
  const startsAtMs = startMs + 86_400_000
  const kept: KeptAppointment = {
    appointmentId: randomUUID(),
    subject: ada,
    serviceTypeId: 'id-card',
    scheduleNo: schedules.get('ada-mornings')?.no ?? 0,
    placeId: 'hall',
    practitionerNo: practitioners.get('ada')?.no,
    startsAtMs,
    endsAtMs: startsAtMs + 1_800_000,
    state: 'booked',
    revision: 1,
    motive: 'id-card',
    isByPerson: true,
    heldUntilMs: undefined,
    seriesId: undefined,
    visitId: undefined,
    secretSha256: undefined,
    remindAtMs: undefined,
    deleteAfterMs: startsAtMs + 86_400_000,
    said: { ...unsaid, language: 'fr' },
    ...change,
  }
  return agency.postgres.transaction((tx) => agency.appointments.insert(tx, kept))
}
const token = 'the token of the person'
const prepare = async (
  { appointmentId }: Pick<KeptAppointment, 'appointmentId'>,
  bases: GivenBasis[] = [rate, papers],
  call: Call = { ...person(ada), accessToken: token },
) => (await prepareAppointment(needs()).handle({ appointmentId, bases }, call)).appointment

describe('PrepareAppointment', () => {
  it('asks nobody for another person’s appointment, one that there is not, that ended, or that is only held', async () => {
    const kept = await keep()
    const other = { ...person(someone()), accessToken: token }
    await expect(prepare(kept, [rate], other)).rejects.toMatchObject({ reason: 'APPOINTMENT_UNKNOWN' })
    await expect(prepare({ appointmentId: randomUUID() })).rejects.toMatchObject({ reason: 'APPOINTMENT_UNKNOWN' })
    const ended = { reason: 'APPOINTMENT_ENDED' }
    for (const state of ['cancelled', 'fulfilled', 'no-show'] as const)
      await expect(prepare(await keep({ state }))).rejects.toMatchObject(ended)
    await expect(prepare(await keep({ state: 'held', heldUntilMs: startMs + 1 }))).rejects.toMatchObject(ended)
    agency.setNow(kept.endsAtMs)
    await expect(prepare(kept)).rejects.toMatchObject(ended)
    expect(asked).toEqual([])
  })

  it('refuses a basis that is named twice, and any of somebody whom no pseudonym names', async () => {
    const twice = { field: 'bases.1', what: 'names a provider and a purpose that none before names' }
    await expect(prepare(await keep(), [rate, basis('fund', 'rate', 'c')])).rejects.toMatchObject({
      reason: 'APPOINTMENT_INVALID',
      facts: twice,
    })
    const nobody = await keep({ subject: '' })
    await expect(prepare(nobody, [rate], system())).rejects.toMatchObject({
      reason: 'APPOINTMENT_INVALID',
      facts: { field: 'bases' },
    })
    expect((await prepare(nobody, [], system()))?.preparation?.toBring).toHaveLength(3)
    expect(asked).toEqual([])
  })

  it('ends with a refusal of the caller’s own token, and keeps nothing', async () => {
    const kept = await keep()
    answer = () => Promise.reject(new MeshError('TOKEN_EXPIRED'))
    await expect(prepare(kept)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
    expect(await agency.appointments.get(kept.appointmentId)).toMatchObject({
      revision: 1,
      said: { preparation: undefined },
    })
  })

  it('keeps nothing of what was cancelled while it asked', async () => {
    const kept = await keep()
    answer = async () => {
      await agency.postgres.query(`UPDATE appointment SET state = 'cancelled'`)
      return evidence({ amount: 900, street: 'Rue' })
    }
    await expect(prepare(kept)).rejects.toMatchObject({ reason: 'APPOINTMENT_ENDED' })
    expect((await agency.appointments.get(kept.appointmentId))?.said.preparation).toBeUndefined()
  })

  it('asks those of the bases with the caller’s own token, and keeps what was had and no value', async () => {
    const kept = await keep()
    const appointment = await prepare(kept)
    const common = { subject: ada, procedure: 'meal-rate', predicates: [] }
    expect(asked).toEqual([
      { accessToken: token, request: { ...common, ...rate, evidenceType: 'income', fields: ['amount'] } },
      { accessToken: token, request: { ...common, ...papers, evidenceType: 'address', fields: ['street'] } },
    ])
    // With a token it would be the person who calls, whom eligibility does not let through.
    expect(tokensShown).toEqual([undefined])
    expect(appointment).toMatchObject({ revision: 2 })
    expect(appointment?.preparation).toEqual({
      preparedAtMs: startMs,
      had: [
        { title: words('Field amount'), provider: 'fund', evidenceType: 'income', fields: ['amount'], exchangeId },
        { title: words('An address'), provider: 'town', evidenceType: 'address', fields: ['street'], exchangeId },
      ],
      notObtained: [],
      toBring: [{ title: words('A photo'), routes: [] }],
    })
    const after = await agency.appointments.get(kept.appointmentId)
    expect(after?.said.preparation).toEqual(appointment?.preparation)
    expect(JSON.stringify(after)).not.toMatch(/900|Rue/)
  })

  it('has what was not had brought, by the ways that its provider or the federation names', async () => {
    const routes = [{ kind: 'telephone', textFr: 'Téléphone', textEn: 'Telephone' }]
    answer = async ({ evidenceType }) => {
      if (evidenceType !== 'income') throw new MeshError('CONSENT_REVOKED')
      return { exchangeId, outcome: { $case: 'otherRoute', value: { cause: 1, routes } } }
    }
    const preparation = (await prepare(await keep()))?.preparation
    expect(preparation?.had).toEqual([])
    expect(preparation?.notObtained).toMatchObject([
      { provider: 'fund', facts: ['amount'], exchangeId, why: { $case: 'otherRoute' } },
      { provider: 'town', facts: ['street'], exchangeId: '', why: { $case: 'refused', value: 'CONSENT_REVOKED' } },
    ])
    const usual = [{ kind: 'counter', textFr: 'Guichet address', textEn: 'Guichet address' }]
    expect(preparation?.toBring).toEqual([
      { title: words('Field amount'), routes },
      { title: words('An address'), routes: usual },
      { title: words('A photo'), routes: [] },
    ])
  })

  it('has brought what evidence left out, and asks nobody on a basis for something else or for what is collected proactively', async () => {
    answer = async () => evidence({ amount: null })
    const bases = [basis('fund', 'search'), basis('fund', 'papers'), basis('town', 'rate'), rate]
    const preparation = (await prepare(await keep(), bases))?.preparation
    expect(asked).toHaveLength(1)
    expect(preparation?.notObtained).toMatchObject([{ facts: ['amount'], why: { $case: 'isUnfit', value: true } }])
    expect(preparation?.toBring.map(({ title }) => title?.en)).toEqual(['Field amount', 'An address', 'A photo'])
  })

  it('asks nobody again for what was had, and the others when a basis for them comes', async () => {
    const kept = await keep()
    await prepare(kept, [rate])
    const preparation = (await prepare(kept))?.preparation
    expect(asked.map(({ request }) => request.provider)).toEqual(['fund', 'town'])
    expect(preparation?.had).toHaveLength(2)
    expect(preparation?.toBring).toEqual([{ title: words('A photo'), routes: [] }])
  })

  it('goes on without the procedure where it cannot be read, and says so', async () => {
    for (const reason of ['UNAVAILABLE', 'PROCEDURE_UNKNOWN'] as const) {
      asked = []
      procedure = () => Promise.reject(new MeshError(reason))
      const preparation = (await prepare(await keep()))?.preparation
      expect(asked.map(({ request }) => request.evidenceType)).toEqual(['address'])
      expect(preparation?.had).toHaveLength(1)
      expect(preparation?.toBring.map(({ title }) => title?.en)).toEqual([
        'What else the procedure asks could not be looked up: ask the place of the appointment',
        'A photo',
      ])
    }
  })

  it('is a list of nothing for a meeting that needs nothing', async () => {
    const preparation = (await prepare(await keep({ serviceTypeId: 'advice' })))?.preparation
    expect(preparation).toEqual({ preparedAtMs: startMs, had: [], notObtained: [], toBring: [] })
    expect(asked).toEqual([])
  })

  it('is made by a system under the agency’s own name for the person', async () => {
    const kept = await keep()
    await prepare(kept, [rate], { ...system(), accessToken: 'the token of the desk' })
    expect(asked).toMatchObject([{ accessToken: 'the token of the desk', request: { subject: ada } }])
  })
})
