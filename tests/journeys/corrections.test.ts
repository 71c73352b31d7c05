import { readFileSync, writeFileSync } from 'node:fs'
import { type Page, pages } from '@unefois/client/pages'
import { dataOf } from '@unefois/client/problem'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sharedFederation } from './_federation.js'
import { evidenceType, fund, idTokenOf, portal, Resident, town } from './_resident.js'
import { clientOf } from './_rest.js'

let places: Places
let resident: Resident
let atFund: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  atFund = new AgencySystem(places, fund)
})
afterAll(() => {
  resident.leave()
  atFund.close()
})

/** The fund puts its register right. */
const putRight = (valeur: number): void => {
  const path = registerEntriesPath(places.directory, fund, evidenceType)
  const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
  const right = entries.map((entry) => {
    if (entry.subject !== resident.atFund) return entry
    const value = JSON.parse(entry.valueJson)
    const valueJson = JSON.stringify({ ...value, quotient_familial: { ...value.quotient_familial, valeur } })
    return { ...entry, valueJson, version: entry.version + 1, asOfMs: Date.now() }
  })
  writeFileSync(path, JSON.stringify(right))
}

/** As the person at the portal, and as the software of the fund and of the town. */
const asPerson = () => clientOf(places, portal, () => idTokenOf(places, resident.person, portal))
const asSystem = (system: AgencySystem, scope: string) =>
  clientOf(places, system.member, async () => (await system.call(scope)).accessToken)
const asFund = () => asSystem(atFund, 'evidence:declare')
const asTown = () => asSystem(resident.town, 'evidence:request')

/** Everything that one agency holds, page after page. */
const heldBy = async (member: string): Promise<Page<'/v1/me/holdings'>['holdings']> => {
  const held: Page<'/v1/me/holdings'>['holdings'] = []
  const query = { member, pageSize: 1, evidenceType }
  for await (const { holdings } of pages(asPerson(), '/v1/me/holdings', { query })) held.push(...holdings)
  return held
}

describe('a wrong quotient', () => {
  let exchangeId: string
  let contestId: string
  let reportId: string
  let correctionId: string

  it('is found by the person among what the fund holds, and where it went', async () => {
    const asked = await resident.ask(await resident.tell())
    exchangeId = asked.exchangeId
    const { holdings, members } = dataOf(await asPerson().GET('/v1/me/holdings'))
    expect(members.filter(({ isReached }) => isReached).map(({ member }) => member)).toEqual(
      expect.arrayContaining([fund, town]),
    )
    const atTheFund = holdings.find((each) => each.agency === fund && each.evidenceType === evidenceType)
    expect(atTheFund).toMatchObject({ origin: 'register', version: 1, value: { quotient_familial: { valeur: 704 } } })
    expect((await heldBy(town)).filter(({ origin }) => origin === 'received')).toMatchObject([
      { evidenceType, value: { quotient_familial: { valeur: 704 } }, received: { exchangeId, isCorrected: false } },
    ])
  })

  it('is contested at the portal, once however often it is sent', async () => {
    const contested = {
      agency: fund,
      evidenceType,
      version: 1,
      field: 'quotient_familial.valeur',
      statement: 'Ma fille est née en mars et n’est pas comptée.',
    }
    const params = { header: { 'idempotency-key': 'the-same-contest' } }
    const send = () => asPerson().POST('/v1/me/contests', { body: contested, params })
    const first = await send()
    expect(first.response.status).toBe(201)
    contestId = dataOf(first).contestId
    expect((await send()).data).toEqual(first.data)
    const query = { state: 'open', evidenceType } as const
    const { contests } = dataOf(await asPerson().GET('/v1/me/contests', { params: { query } }))
    expect(contests).toMatchObject([
      { agency: fund, contestId, state: 'open', field: contested.field, answeredAt: null },
    ])
  })

  it('is put right by the fund, which answers the person', async () => {
    let open: Page<'/v1/contests'>['contests'][number] | undefined
    for await (const { contests } of pages(asFund(), '/v1/contests', { query: { state: 'open', pageSize: 1 } }))
      open ??= contests.find((each) => each.contestId === contestId)
    expect(open).toMatchObject({ subject: resident.atFund, version: 1, state: 'open' })
    putRight(512)
    const versions = { firstVersion: 1, lastVersion: 1, correctedVersion: 2 }
    const params = { path: { id: contestId } }
    const body = { outcome: 'corrected', versions } as const
    const answered = dataOf(await asFund().POST('/v1/contests/{id}/answer', { params, body }))
    reportId = answered.reportId ?? ''
    const own = dataOf(await asPerson().GET('/v1/me/contests'))
    expect(own.contests).toMatchObject([{ contestId, state: 'corrected', corrected: versions, upheld: null }])
  })

  it('is heard of by the town, which asks again under the same gates and gets the right one', async () => {
    const heard = await vi.waitFor(
      async () => {
        const query = { exchangeId, evidenceType, state: 'open' } as const
        const { corrections } = dataOf(await asTown().GET('/v1/corrections', { params: { query } }))
        expect(corrections).toHaveLength(1)
        return corrections[0]
      },
      { timeout: 10_000, interval: 50 },
    )
    expect(heard).toMatchObject({
      exchangeId,
      subject: resident.subject,
      provider: fund,
      wrongVersion: 1,
      correctedVersion: 2,
      outcome: null,
    })
    correctionId = heard?.correctionId ?? ''
    const again = await resident.ask(await resident.tell())
    expect(again.outcome).toMatchObject({ $case: 'evidence', value: { version: 2 } })
  })

  it('leaves the past exchange as it was, marked where the person looks', async () => {
    expect(await resident.onRecord(exchangeId)).toEqual(
      expect.arrayContaining([`${town}: ${town} released`, `${fund}: ${town} released`]),
    )
    const marks = (await heldBy(town)).flatMap(({ received }) => (received ? [received] : []))
    expect(marks.find((each) => each.exchangeId === exchangeId)?.isCorrected).toBe(true)
    expect(marks.filter(({ isCorrected }) => !isCorrected)).toHaveLength(1)
  })

  it('is acted on by the town, and the fund sees the answer', async () => {
    const params = { path: { id: correctionId } }
    dataOf(await asTown().POST('/v1/corrections/{id}/answer', { params, body: { outcome: 'acted' } }))
    const report = { params: { path: { id: reportId } } }
    await vi.waitFor(
      async () =>
        expect(dataOf(await asFund().GET('/v1/correction-reports/{id}', report))).toMatchObject({
          subject: resident.atFund,
          told: [{ exchangeId, requester: town, wrongVersion: 1, outcome: 'acted' }],
        }),
      { timeout: 10_000, interval: 50 },
    )
  })
})
