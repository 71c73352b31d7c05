import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { PortalVisit } from '@unefois/deploy/sandbox/story/her-list'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolAt, freshPerson, sharedFederation } from './_federation.js'
import { fund, idTokenOf, portal, stranger } from './_resident.js'
import { type RestAnswer, restOf } from './_rest.js'

const health = 'cpam'
const other = 'dgfip'
/** Nobody else has it anywhere. */
const marker = 'IMPASSE-DU-PHARE-7731'
const content = {
  oldAddress: { street: '4 rue des Tilleuls', postalCode: '08000', town: 'Saint-Aubin' },
  newAddress: { street: `2 ${marker}`, postalCode: '08480', town: 'Belleroche' },
  move: { date: '2026-12-01', confidential: 'yes' },
}

let places: Places
let person: PlannedPerson
let someoneElse: PlannedPerson
const systems = new Map<string, AgencySystem>()
beforeAll(async () => {
  places = await sharedFederation()
  person = await freshPerson(places)
  someoneElse = await freshPerson(places)
  for (const id of [fund, health]) {
    await enrolAt(places, id, person)
    systems.set(id, new AgencySystem(places, id))
  }
  await enrolAt(places, fund, someoneElse)
})
afterAll(() => {
  for (const system of systems.values()) system.close()
})

const asPerson = async (
  path: string,
  body?: object,
  { who = person, key }: { who?: PlannedPerson; key?: string } = {},
): Promise<RestAnswer> => {
  const token = await idTokenOf(places, who, portal)
  const headers = key === undefined ? {} : { 'idempotency-key': key }
  return restOf(places, portal, { method: body ? 'POST' : 'GET', path, token, headers, ...(body && { body }) })
}
const asSystem = async (member: string, path: string, body?: object): Promise<RestAnswer> => {
  const { accessToken: token } = (await systems.get(member)?.call('declaration:answer')) ?? {}
  return restOf(places, member, { method: body ? 'POST' : 'GET', path, token, ...(body && { body }) })
}

interface Sent {
  readonly agency: string
  readonly receipt: { readonly declarationId: string; readonly recordId: string; readonly address: string }
}
interface Declared {
  readonly agency: string
  readonly declarationId: string
  readonly state: string
  readonly content: object
  readonly steps: readonly { readonly step: string; readonly recordId: string; readonly said: object }[]
}
const wish = (agencies: readonly string[], changes: object = {}) => ({
  ...{ kind: 'change-of-address', content, agencies, language: 'fr' },
  ...changes,
})
const own = async (who = person): Promise<Declared[]> =>
  (await asPerson('/v1/me/declarations', undefined, { who })).body.declarations as Declared[]
const listedAt = async (member: string, declarationId: string) =>
  ((await asSystem(member, `/v1/declarations?declarationId=${declarationId}`)).body.declarations as object[])[0]

describe('a declared move', () => {
  let sent: readonly Sent[]
  const idAt = (agency: string): string => sent.find((each) => each.agency === agency)?.receipt.declarationId ?? ''

  it('is sent to nobody when one that was chosen does not know the person', async () => {
    const { body } = await asPerson('/v1/me/declaration-kinds/change-of-address/receivers')
    expect((body.receivers as Sent[]).map(({ agency }) => agency).sort()).toEqual([fund, health])
    expect((await asPerson('/v1/me/declarations', wish([fund, other]))).reason).toBe('DECLARATION_NOT_RECEIVED')
    expect(await own()).toEqual([])
  })

  it('is acknowledged by each, under ids with nothing in common, once however often it is sent', async () => {
    const send = () => asPerson('/v1/me/declarations', wish([fund, health]), { key: 'the-same-move-of-mine' })
    const first = await send()
    sent = first.body.sent as Sent[]
    expect(sent.map(({ agency, receipt }) => `${agency}: ${receipt.address}`)).toEqual([
      'caf: 1 place de l’Exemple, 08000 Saint-Aubin',
      'cpam: 10 place de l’Exemple, 08000 Saint-Aubin',
    ])
    expect(idAt(fund)).not.toBe(idAt(health))
    expect((await send()).body).toEqual(first.body)
    expect(await own()).toHaveLength(2)
    const again = wish([fund], { content: { ...content, move: { ...content.move, confidential: 'no' } } })
    const { body } = await asPerson('/v1/me/declarations', again, { key: 'the-same-move-of-mine' })
    expect(body.sent).toMatchObject([{ receipt: null, reason: 'IDEMPOTENCY_KEY_REUSED' }])
  })

  it('is there for the receiver’s own software alone, each its own', async () => {
    expect(await listedAt(fund, idAt(fund))).toMatchObject({ state: 'open', content })
    expect(await listedAt(health, idAt(fund))).toBeUndefined()
    expect(await own(someoneElse)).toEqual([])
    const { accessToken: token } = (await systems.get(fund)?.call('declaration:answer')) ?? {}
    const elsewhere = await restOf(places, stranger, { method: 'GET', path: '/v1/declarations', token })
    expect(elsewhere.status).toBe(401)
  })

  it('is answered by each for itself, completed where more is needed, and proved step by step', async () => {
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString()
    const answer = (member: string, body: object) => asSystem(member, `/v1/declarations/${idAt(member)}/answer`, body)
    const more = { outcome: 'needs-more', what: 'Un justificatif de domicile.', until, answeredBy: 'Nadia Roux' }
    expect((await answer(fund, more)).reason).toBe('nothing')
    const early = await answer(fund, { outcome: 'not-concerned', reasons: 'Aucun droit n’en dépend.' })
    expect(early.reason).toBe('DECLARATION_DEADLINE_RUNNING')
    expect((await answer(health, { outcome: 'not-concerned', reasons: 'Aucun droit n’en dépend.' })).status).toBe(200)
    const path = (agency: string) => `/v1/me/declarations/${agency}/${idAt(agency)}/supplements`
    expect((await asPerson(path(health), { statement: 'Voici.' })).reason).toBe('DECLARATION_ANSWERED')
    expect((await asPerson(path(fund), { statement: 'Voici mon bail.' }, { who: someoneElse })).reason).toBe(
      'DECLARATION_UNKNOWN',
    )
    expect((await asPerson(path(fund), { statement: 'Voici mon bail.' })).status).toBe(201)
    expect(await listedAt(fund, idAt(fund))).toMatchObject({ state: 'open' })
    expect((await answer(fund, { outcome: 'accepted' })).status).toBe(200)
    const seen = await own()
    expect(seen.map(({ agency, state }) => `${agency}: ${state}`).sort()).toEqual([
      'caf: accepted',
      'cpam: not-concerned',
    ])
    const visit = await PortalVisit.open({ places, script: { portal }, person })
    for (const { agency: member, steps } of seen) {
      const proofs = await Promise.all(steps.map(({ recordId }) => visit.isProved({ member, recordId })))
      expect(proofs).toEqual(steps.map(() => true))
    }
    expect(seen.flatMap(({ steps }) => steps)).toHaveLength(6)
  })

  it('is no use of data by anybody, and its address stands in no log', async () => {
    expect((await asPerson('/v1/me/accesses')).body.accesses).toEqual([])
    const logs = readdirSync(places.directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.log'),
    )
    expect(logs.length).toBeGreaterThan(5)
    const telling = logs.filter((name) => readFileSync(join(places.directory, name), 'utf8').includes(marker))
    expect(telling).toEqual([])
  })
})
