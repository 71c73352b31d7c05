import { readFileSync, writeFileSync } from 'node:fs'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sharedFederation } from './_federation.js'
import { evidenceType, fund, idTokenOf, portal, Resident, town } from './_resident.js'
import { type RestAnswer, restOf } from './_rest.js'

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

const asPerson = async (path: string, body?: object): Promise<RestAnswer> => {
  const token = await idTokenOf(places, resident.person, portal)
  return restOf(places, portal, { method: body ? 'POST' : 'GET', path, token, ...(body && { body }) })
}
const asSystem = async (system: AgencySystem, scope: string, path: string, body?: object): Promise<RestAnswer> => {
  const { accessToken: token } = await system.call(scope)
  return restOf(places, system.member, { method: body ? 'POST' : 'GET', path, token, ...(body && { body }) })
}
const fundAsks = (path: string, body?: object) => asSystem(atFund, 'evidence:declare', path, body)
const townAsks = (path: string, body?: object) => asSystem(resident.town, 'evidence:request', path, body)

interface Holding {
  readonly agency: string
  readonly evidenceType: string
  readonly origin: string
  readonly version: number
  readonly value: unknown
  readonly received: { readonly exchangeId: string; readonly isCorrected: boolean } | null
}

/** Everything that one agency holds, page after page. */
const heldBy = async (agency: string): Promise<Holding[]> => {
  const held: Holding[] = []
  let pageToken: string | undefined = ''
  while (pageToken !== undefined) {
    const query = new URLSearchParams({ member: agency, pageToken })
    const { body, reason } = await asPerson(`/v1/me/holdings?${query}`)
    expect(reason).toBe('nothing')
    const { holdings, members } = body as { holdings: Holding[]; members: { nextPageToken?: string }[] }
    held.push(...holdings)
    pageToken = members[0]?.nextPageToken
  }
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
    const { body } = await asPerson('/v1/me/holdings')
    const { holdings, members } = body as { holdings: Holding[]; members: { member: string; isReached: boolean }[] }
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
    const token = await idTokenOf(places, resident.person, portal)
    const send = () =>
      restOf(places, portal, {
        path: '/v1/me/contests',
        token,
        body: contested,
        headers: { 'idempotency-key': 'the-same-contest' },
      })
    const first = await send()
    expect(first.status).toBe(201)
    contestId = first.body.contestId as string
    expect((await send()).body).toEqual(first.body)
    const { contests } = (await asPerson('/v1/me/contests')).body as { contests: object[] }
    expect(contests).toMatchObject([
      { agency: fund, contestId, state: 'open', field: contested.field, answeredAt: null },
    ])
  })

  it('is put right by the fund, which answers the person', async () => {
    const { contests } = (await fundAsks('/v1/contests?state=open')).body as { contests: { contestId: string }[] }
    const open = contests.find((each) => each.contestId === contestId)
    expect(open).toMatchObject({ subject: resident.atFund, version: 1, state: 'open' })
    putRight(512)
    const versions = { firstVersion: 1, lastVersion: 1, correctedVersion: 2 }
    const answered = await fundAsks(`/v1/contests/${contestId}/answer`, { outcome: 'corrected', versions })
    expect(answered.status).toBe(200)
    reportId = answered.body.reportId as string
    const own = (await asPerson('/v1/me/contests')).body as { contests: object[] }
    expect(own.contests).toMatchObject([{ contestId, state: 'corrected', corrected: versions, upheld: null }])
  })

  it('is heard of by the town, which asks again under the same gates and gets the right one', async () => {
    const heard = await vi.waitFor(
      async () => {
        const { corrections } = (await townAsks(`/v1/corrections?exchangeId=${exchangeId}`)).body as {
          corrections: { correctionId: string }[]
        }
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
    expect((await townAsks(`/v1/corrections/${correctionId}/answer`, { outcome: 'acted' })).status).toBe(200)
    await vi.waitFor(
      async () =>
        expect((await fundAsks(`/v1/correction-reports/${reportId}`)).body).toMatchObject({
          subject: resident.atFund,
          told: [{ exchangeId, requester: town, wrongVersion: 1, outcome: 'acted' }],
        }),
      { timeout: 10_000, interval: 50 },
    )
  })
})
