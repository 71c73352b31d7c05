import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import { pivotOf } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import { formsOf, type VisitedPage, Visitor } from '@unefois/deploy/sandbox/visitor'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { CorrectionServiceDefinition, ListedCorrections } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { ProtectionGround, ProtectionServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/protection'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseOf } from './_database.js'
import { enrolAt, sharedFederation } from './_federation.js'
import { originalOf, withClaims } from './_forgeries.js'
import { evidenceType, fund, idTokenOf, personTokenOf, portal, town } from './_resident.js'
import { type RestAnswer, restOf } from './_rest.js'

const purpose = 'home-help'
/** A third agency, which gets to know the mother only once she is protected. */
const newcomer = 'departement-08'

/** In every place of the mother's file and of the file that she shares; the child's marker stands in none but hers. */
const markers = { hers: `PLACE-${randomUUID()}`, shared: `PLACE-${randomUUID()}` }
const reference = `RG-${randomUUID()}`
const told = (text: unknown): string[] =>
  Object.values(markers).filter((marker) => JSON.stringify(text).includes(marker))

let places: Places
let atTown: AgencySystem
let atFund: AgencySystem
const people = new Map<string, PlannedPerson>()
/** Pseudonyms: of whom, at which agency. */
const subjects = new Map<string, string>()
const subjectOf = (role: string, agency: string): string => subjects.get(`${role} ${agency}`) ?? ''
const personOf = (role: string): PlannedPerson => people.get(role) as PlannedPerson

const someone = (marker: string) => ({
  nom_naissance: marker,
  nom_usage: marker,
  prenoms: marker,
  date_naissance: '1980-01-01',
  sexe: 'F',
})
const fileWith = (valeur: number, marker: string) => ({
  quotient_familial: { fournisseur: 'CNAF', valeur, annee: 2026, mois: 9 },
  allocataires: [someone(marker)],
  enfants: [someone(marker)],
  adresse: {
    ...{ destinataire: marker, complement_information: marker, complement_information_geographique: marker },
    ...{ numero_libelle_voie: marker, lieu_dit: marker, code_postal_ville: marker, pays: marker },
  },
})

const holdFiles = (): void => {
  const path = registerEntriesPath(places.directory, fund, evidenceType)
  const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
  const entry = (role: string, value: object, related: readonly string[]): RegisterEntry => ({
    subject: subjectOf(role, fund),
    evidenceType,
    valueJson: JSON.stringify(value),
    version: 1,
    asOfMs: Date.now(),
    related: related.map((each) => ({ relation: 'allocataires', subject: subjectOf(each, fund) })),
  })
  const files = [
    entry('mother', fileWith(301, markers.hers), ['child', 'ex']),
    entry('ex', fileWith(302, markers.shared), ['mother', 'child']),
  ]
  writeFileSync(path, JSON.stringify([...entries, ...files]))
}

beforeAll(async () => {
  places = await sharedFederation()
  const authority = new AgencySystem(places, 'identite')
  atTown = new AgencySystem(places, town)
  atFund = new AgencySystem(places, fund)
  for (const role of ['mother', 'ex', 'child', 'weak']) {
    const person = places.plan.people.find(({ key }) => key === `guarded-${role}`) as PlannedPerson
    people.set(role, person)
    if (role === 'weak') continue
    await authority.registerPerson(pivotOf(person))
    for (const agency of [fund, town]) subjects.set(`${role} ${agency}`, await enrolAt(places, agency, person))
  }
  authority.close()
  holdFiles()
})
afterAll(() => {
  atTown.close()
  atFund.close()
})

const ask = async (role: string, fields: string[] = []) => {
  const subject = subjectOf(role, town)
  const notice = {
    ...{ subject, provider: fund, purpose, evidenceTypes: [evidenceType], language: 'fr' },
    ...{ textVersion: places.list().purpose(purpose).textVersion, channel: Channel.CHANNEL_COUNTER },
  }
  const { basisId } = await atTown.consent.recordNotice(notice, await atTown.call('notice:write'))
  const wish = { subject, provider: fund, evidenceType, purpose, procedure: purpose, basisId, fields, predicates: [] }
  return atTown.documents.requestEvidence(wish, await atTown.call('evidence:request'))
}
const atPortal = async (role: string, path: string): Promise<RestAnswer> =>
  restOf(places, portal, { method: 'GET', path, token: await idTokenOf(places, personOf(role), portal) })
interface HoldingsPage {
  readonly holdings: readonly object[]
  readonly members: readonly { readonly member: string; readonly nextPageToken?: string }[]
}
/** Everything that all members hold about somebody, as the portal shows it to them, page after page. */
const holdings = async (role: string): Promise<readonly object[]> => {
  const pageOf = async (query: string) =>
    (await atPortal(role, `/v1/me/holdings${query}`)).body as unknown as HoldingsPage
  const follow = async ({ holdings: held, members }: HoldingsPage): Promise<readonly object[]> => {
    const further = members.flatMap(({ member, nextPageToken: pageToken }) =>
      pageToken === undefined ? [] : pageOf(`?${new URLSearchParams({ member, pageToken })}`).then(follow),
    )
    return [...held, ...(await Promise.all(further)).flat()]
  }
  return follow(await pageOf(''))
}
/** The pages that somebody walks through at the portal, and at the town that asks about them. */
const pages = async (role: string): Promise<Readonly<Record<string, string>>> => {
  const visitor = new Visitor()
  const open = async (member: string, path: string): Promise<VisitedPage> => {
    const page = await visitor.open(`${places.origin(member)}/login?${new URLSearchParams({ return: path })}`)
    return formsOf(page).some(({ action }) => action.includes('/interaction/'))
      ? visitor.send(page, '/interaction/', { login: personOf(role).login ?? '' })
      : page
  }
  const seen: Record<string, string> = {}
  for (const path of ['/', '/holdings', '/declarations']) seen[path] = (await open(portal, path)).text
  const procedure = await open(town, `/procedures/${purpose}`)
  seen.procedure = (await visitor.send(procedure, `/procedures/${purpose}/notice`)).text
  return seen
}
const protections = (system: AgencySystem) => system.service('identity', ProtectionServiceDefinition)
const until = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10)
const protectionId = randomUUID()
let beforeId = ''
let hisId = ''

const logs = (): string =>
  readdirSync(join(places.directory, 'logs'))
    .map((name) => readFileSync(join(places.directory, 'logs', name), 'utf8'))
    .join('\n')

describe('before anybody is protected', () => {
  it('the town, which may, is told the places of both files', async () => {
    const { exchangeId, outcome } = await ask('mother')
    beforeId = exchangeId
    expect(told(outcome)).toEqual([markers.hers])
    const his = await ask('ex')
    hisId = his.exchangeId
    expect(told(his.outcome)).toEqual([markers.shared])
  })

  it('each sees their own file at the portal, whatever their login', async () => {
    for (const role of ['mother', 'weak']) expect(told(await holdings(role))).toEqual([markers.hers])
    expect(told(await holdings('ex'))).toEqual([markers.shared])
    const seen = await pages('ex')
    expect([told(seen['/holdings']), told(seen.procedure)]).toEqual([[markers.shared], [markers.shared]])
    const received = (await holdings('ex')).filter((each) => JSON.stringify(each).includes(`"agency":"${town}"`))
    expect(told(received)).toEqual([markers.shared])
  })
})

describe('a mother and her child, protected from the ex-partner with whom they share a file', () => {
  it('are told of to the two agencies that know them', async () => {
    await protections(atFund).protectSubjects(
      {
        protection: {
          protectionId,
          subjects: ['mother', 'child'].map((role) => subjectOf(role, fund)),
          ground: ProtectionGround.PROTECTION_GROUND_PROTECTION_ORDER,
          reference,
          until,
          decidedBy: 'agent-12',
        },
      },
      await atFund.call('people:protect'),
    )
    const hasHeard = async (member: string) => {
      const db = await databaseOf(places, member, 'documents')
      const { rowCount } = await db.query('SELECT 1 FROM protected_subject WHERE subject = ANY($1)', [
        ['mother', 'child'].map((role) => subjectOf(role, member)),
      ])
      await db.end()
      return rowCount
    }
    for (const member of [fund, town]) await expect.poll(() => hasHeard(member), { timeout: 15_000 }).toBe(2)
    const db = await databaseOf(places, town, 'documents')
    const withheld = async () => {
      const { rows } = await db.query<{ exchange_id: string }>(
        'SELECT exchange_id FROM withheld_exchange WHERE until_ms > 0',
      )
      return rows.map((row) => row.exchange_id)
    }
    // Of his file and not of hers: what names her child, whom the same decision protects, stays hers.
    await expect.poll(withheld, { timeout: 15_000 }).toContain(hisId)
    // Each of the two is told of by a message of her own: until the second is there, more is withheld and never less.
    await expect.poll(withheld, { timeout: 15_000 }).not.toContain(beforeId)
    await db.end()
  })

  it('have no place in what the town is told, of neither file, and nothing says why', async () => {
    for (const [role, valeur] of [
      ['mother', 301],
      ['ex', 302],
    ] as const) {
      const { outcome } = await ask(role)
      const value = outcome?.$case === 'evidence' ? JSON.parse(outcome.value.valueJson) : undefined
      expect(value).toEqual({ quotient_familial: { valeur } })
      const withheld = await ask(role, ['adresse'])
      const none = await ask('child', ['adresse'])
      expect([withheld.outcome, told(withheld)]).toEqual([none.outcome, []])
      expect(JSON.stringify(outcome)).not.toMatch(/protect|withh/i)
    }
  })

  it('are hidden also in what the town received before, from its systems and from whoever acts or logs in weakly', async () => {
    const system = await atTown.call('evidence:request')
    const { evidence, access } = await atTown.documents.getExchange({ exchangeId: beforeId }, system)
    expect(JSON.parse(evidence?.valueJson ?? '')).toEqual({ quotient_familial: { valeur: 301 } })
    expect(told(access)).toEqual([])
    const asWho = async (accessToken: string) => {
      try {
        return await atTown.documents.getExchange({ exchangeId: beforeId }, { ...system, accessToken })
      } catch (error) {
        return (error as { reason: string }).reason
      }
    }
    const [strong, weak, ex] = await Promise.all(
      ['mother', 'weak', 'ex'].map((role) => personTokenOf(places, personOf(role), town)),
    )
    expect(told(await asWho(weak ?? ''))).toEqual([])
    expect(told(await asWho(strong ?? ''))).toEqual([markers.hers])
    expect(await asWho(ex ?? '')).toBe('EXCHANGE_UNKNOWN')
    const original = originalOf(strong ?? '', places.keys(town).token.path)
    expect(await asWho(withClaims(original, { act: { sub: 'helper' } }))).toBe('TOKEN_CLAIMS_INVALID')
  })

  it('are shown to no weak login of hers, which is told the level, and whole to her own strong one', async () => {
    for (const path of ['holdings', 'accesses', 'contests', 'consents']) {
      const weak = await atPortal('weak', `/v1/me/${path}`)
      expect([path, weak.reason, weak.body.facts, told(weak.body)]).toEqual([
        path,
        'ASSURANCE_TOO_LOW',
        { required_acr: 'eidas2' },
        [],
      ])
    }
    expect(told(await holdings('mother'))).toEqual([markers.hers])
    const { accesses } = (await atPortal('mother', '/v1/me/accesses')).body as { accesses: { fields: string[] }[] }
    const released = accesses.map(({ fields }) => fields.join())
    expect(released).toContain('quotient_familial.valeur')
    expect(released).toContain('quotient_familial.valeur,adresse,allocataires,enfants')
  })

  it('are told to a third agency as it gets to know her', async () => {
    const subject = await enrolAt(places, newcomer, personOf('mother'))
    const db = await databaseOf(places, newcomer, 'documents')
    const marked = async () =>
      (await db.query('SELECT until_ms, mark FROM protected_subject WHERE subject = $1', [subject])).rows
    await expect.poll(marked, { timeout: 15_000 }).toHaveLength(1)
    await db.end()
  })

  it('leave no trace of their places in anything that the ex-partner, the town or a helper can read, nor in a log', async () => {
    const answers: Record<string, unknown> = {}
    for (const role of ['ex', 'weak'])
      for (const path of ['', '/holdings', '/accesses', '/contests', '/consents'])
        answers[`${role} ${path}`] = (await atPortal(role, `/v1/me${path}`)).body
    answers['ex holds'] = await holdings('ex')
    for (const role of ['ex', 'weak']) answers[`pages of ${role}`] = await pages(role)
    expect(answers['pages of weak']).toMatchObject({
      '/holdings': expect.stringContaining('A stronger login is needed'),
    })
    expect((answers['ex holds'] as object[]).length).toBeGreaterThanOrEqual(3)
    const { accesses } = answers['ex /accesses'] as { accesses: { recordId: string; member: string }[] }
    for (const { recordId, member } of accesses) {
      const { body } = await atPortal('ex', `/v1/me/accesses/${member}/${recordId}/proof`)
      answers[`ex ${recordId}`] = Buffer.from(String(body.record), 'base64').toString()
    }
    answers.person = await personTokenOf(places, personOf('ex'), town)
    const call = await atTown.call('evidence:request')
    const corrections = atTown.service('documents', CorrectionServiceDefinition)
    const page = {
      listed: ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED,
      pageSize: 0,
      pageToken: '',
      exchangeId: '',
      evidenceType: '',
      sinceMs: 0,
    }
    answers.corrections = await corrections.listCorrections(page, call)
    const events = { pageSize: 200, pageToken: '' }
    answers.events = await atTown.identity.listIdentityEvents(events, await atTown.call('identity:enrol'))
    answers.logs = logs()
    expect(accesses.length).toBeGreaterThan(2)
    for (const [who, answer] of Object.entries(answers)) expect([who, told(answer)]).toEqual([who, []])
    const all = JSON.stringify(answers)
    for (const secret of [reference, protectionId.replaceAll('-', ''), 'subject-protected'])
      expect(all).not.toContain(secret)
    expect(JSON.stringify(answers.logs)).toContain('a protection was recorded')
  })

  it('stay so until the protection ends, which only who asked for it may bring about', async () => {
    const ending = { protectionId, decidedBy: 'agent-12', why: 'The order was lifted.' }
    const refused = protections(atTown).endProtection(ending, await atTown.call('people:protect'))
    await expect(refused).rejects.toMatchObject({ reason: 'PROTECTION_UNKNOWN' })
    await protections(atFund).endProtection(ending, await atFund.call('people:protect'))
    // The sweep above looked at something: the places are there, and are told again.
    await expect.poll(async () => told((await ask('ex')).outcome), { timeout: 15_000 }).toEqual([markers.shared])
    await expect.poll(async () => told((await ask('mother')).outcome), { timeout: 15_000 }).toEqual([markers.hers])
    expect((await atPortal('weak', '/v1/me/holdings')).reason).toBe('nothing')
  })
})
