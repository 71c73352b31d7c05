import { randomUUID } from 'node:crypto'
import { Deadline } from '@unefois/chassis/deadline'
import { GetStatementOnHonourResponse, RequestEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { ResolvedSubject } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Correcting, exchangeOf, openCorrecting } from './corrections.fixture.js'
import { basis, members, person, purposes, startMs, startSeconds, ticket, types } from './federation.fixture.js'
import { callFrom } from './member.fixture.js'
import { consent, record } from './record.fixture.js'
import { type Register, startRegister } from './register.fixture.js'
import { releaseEvidence } from './rpc/release-evidence.js'
import { consented, income, informed } from './rpc/releasing.fixture.js'
import { putConsent } from './store/consents.js'
import { PseudonymChanged } from './store/exchange-log.js'
import { countPredicateUses, dayOf } from './store/predicate-uses.js'
import { lockPreviewAnswer, putPreviewAnswer } from './store/preview-answers.js'
import { subjectTables } from './store/subject-tables.js'

let provider: Correcting
let requester: Correcting
let register: Register
/** How the identity authority answers for pseudonyms of another epoch. */
let resolve: (subject: string) => ResolvedSubject = () => ({ standing: { $case: 'unknown', value: {} } })
beforeAll(async () => {
  register = await startRegister()
  const lookInto = async ({ subjects }: { subjects: string[] }) => ({ subjects: subjects.map((each) => resolve(each)) })
  provider = await openCorrecting(members.provider, { sources: { [types.household]: register.source }, lookInto })
  requester = await openCorrecting(members.requester, { lookInto })
  provider.holdLease(3_600_000)
})
afterAll(async () => {
  await Promise.all([provider.close(), requester.close(), register.stop()])
})

const nothing = new Uint8Array()
const soon = (member: Correcting) => Deadline.after(10_000, member.clock)
const merge = (member: Correcting, alias: string, into: string) =>
  member.runtime.postgres.transaction((tx) => member.subjects.merge(tx, [person(alias)], person(into), soon(member)))
const declare = (name: string, amount: number, supersedes = 0, related = 'bob') =>
  provider.runtime.postgres.transaction((tx) =>
    provider.evidence.declare(
      tx,
      { subject: person(name), evidenceType: types.income },
      {
        value: { ...income, amount },
        related: [{ relation: 'children', subject: person(related) }],
        asOfMs: startMs,
        declaredAtMs: startMs,
        supersedes,
      },
    ),
  )
const release = (request: ReturnType<typeof informed>) =>
  releaseEvidence(provider).handle(request, callFrom(members.requester, provider.clock))
const outcomeOf = async (request: ReturnType<typeof informed>) => (await release(request)).outcome
const isReleased = { $case: 'evidence' }
const exchangesOf = async (member: Correcting, name: string) =>
  (await member.accesses.list(person(name), undefined, 100)).map(({ opening }) => opening.record.exchange_id)

describe('the tables that keep people', () => {
  it('are all in the list, and each is written through a trigger', async () => {
    const { rows } = await provider.runtime.postgres.query<{ table: string; is_held: boolean }>(
      `SELECT CASE table_schema WHEN 'documents' THEN '' ELSE table_schema || '.' END || table_name AS table,
              EXISTS (SELECT FROM pg_trigger WHERE tgname = 'hold_subject'
                      AND tgrelid = (table_schema || '.' || table_name)::regclass) AS is_held
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema IN ('documents', 'documents_keys') AND column_name LIKE '%subject%'
         AND table_name NOT IN ('subject_alias', 'subject_stray', 'subject_epoch')`,
    )
    const listed = subjectTables(provider.subjectKeys).map(({ name }) => name)
    expect(rows.map(({ table }) => table).sort()).toEqual([...listed].sort())
    // Of these several pseudonyms of one person are written at once, and all of them are asked for.
    const unheld = rows.filter((row) => !row.is_held).map(({ table }) => table)
    expect(unheld.sort()).toEqual(['place_told', 'protected_subject'])
  })
})

describe('two people who turn out to be one', () => {
  it('are refused a release where their files say different things, until the agency declares again', async () => {
    await declare('lea', 700)
    await declare('lea', 800, 1)
    await declare('lea-too', 500)
    await merge(provider, 'lea-too', 'lea')
    for (const name of ['lea', 'lea-too'])
      expect(await outcomeOf(informed(name))).toMatchObject({ $case: 'otherRoute', value: { cause: 4 } })
    expect(await declare('lea-too', 600, 1)).toBeUndefined()
    expect(await declare('lea-too', 600, 2)).toBe(3)
    for (const name of ['lea', 'lea-too'])
      expect(await outcomeOf(informed(name))).toMatchObject({ $case: 'evidence', value: { version: 3 } })
  })

  it('have one history where their files say the same, with versions that never go back', async () => {
    await declare('mia', 700)
    for (const version of [0, 1, 2]) await declare('mia-too', 900 - 100 * version, version)
    await merge(provider, 'mia-too', 'mia')
    expect(await provider.evidence.newest(person('mia'), types.income)).toMatchObject({
      version: 3,
      value: { amount: 700 },
    })
    const { rows } = await provider.runtime.postgres.query(
      'SELECT version, branch FROM evidence WHERE subject = $1 ORDER BY branch, version',
      [person('mia')],
    )
    expect(rows).toEqual([...[1, 2, 3].map((version) => ({ version, branch: 0 })), { version: 1, branch: 1 }])
    await merge(provider, 'mia', 'mia-again')
    expect(await provider.evidence.newest(person('mia-too'), types.income)).toMatchObject({ version: 3 })
  })

  it('stay erased as far as they were, and nothing that can be read is lost to that', async () => {
    await declare('noa', 700)
    await declare('noa-too', 500)
    await provider.subjectKeys.forget(person('noa-too'))
    await merge(provider, 'noa-too', 'noa')
    expect(await provider.evidence.newest(person('noa-too'), types.income)).toMatchObject({ value: { amount: 700 } })
    await declare('ole', 700)
    await provider.subjectKeys.forget(person('ole'))
    await merge(provider, 'ole', 'ole-too')
    expect(await provider.evidence.newest(person('ole'), types.income)).toBeUndefined()
    await declare('pia', 700)
    await provider.subjectKeys.forget(person('pia'))
    await declare('pia-too', 400)
    await merge(provider, 'pia-too', 'pia')
    expect(await provider.evidence.newest(person('pia'), types.income)).toMatchObject({ value: { amount: 400 } })
  })

  it('release on a consent that either gave, and neither once it is withdrawn', async () => {
    const agree = (name: string, revokedAtSeconds: number | null = null) =>
      provider.runtime.postgres.transaction((tx) =>
        putConsent(tx, consent({ basisId: basis('una'), subject: person(name), revokedAtSeconds })),
      )
    await declare('una', 700)
    await agree('una-too')
    const request = (name: string) => ({
      ...consented('una', { exchangeId: randomUUID() }),
      ticket: ticket({ sub: person(name), purpose: purposes.card, basis: basis('una') }),
    })
    await expect(release(request('una'))).rejects.toMatchObject({ reason: 'CONSENT_MISMATCH' })
    await merge(provider, 'una-too', 'una')
    for (const name of ['una', 'una-too']) expect(await outcomeOf(request(name))).toMatchObject(isReleased)
    await expect(release(request('stranger'))).rejects.toMatchObject({ reason: 'CONSENT_MISMATCH' })
    await agree('una-too', startSeconds)
    for (const name of ['una', 'una-too'])
      await expect(release(request(name))).rejects.toMatchObject({ reason: 'CONSENT_REVOKED' })
    expect(await exchangesOf(provider, 'una-too')).toEqual(await exchangesOf(provider, 'una'))
    expect(await exchangesOf(provider, 'una')).toHaveLength(5)
  })

  it('are found by a parent’s evidence that names one of them', async () => {
    await declare('vic', 700, 0, 'kid-too')
    const isChild = (name: string) => {
      const asked = informed('vic')
      return outcomeOf({
        ...asked,
        predicates: [{ predicate: 'child-of', argumentTicket: ticket({ sub: person(name) }) }],
      })
    }
    const holds = (is: boolean) => ({ value: { predicates: [{ predicate: 'child-of', holds: is }] } })
    expect(await isChild('kid')).toMatchObject(holds(false))
    await merge(provider, 'kid-too', 'kid')
    expect(await isChild('kid')).toMatchObject(holds(true))
    expect(await isChild('kid-too')).toMatchObject(holds(true))
  })

  it('are asked for in the agency’s register by the one name that it knows', async () => {
    register.answerWith(async ({ subject }) =>
      subject === person('wim')
        ? { answer: { $case: 'found', value: { valueJson: '{"amount":1}', version: 7, asOfMs: startMs, related: [] } } }
        : { answer: { $case: 'absent', value: {} } },
    )
    const asked = (name: string) => provider.holdings.read(person(name), types.household, soon(provider))
    expect(await asked('wim-too')).toEqual({ kind: 'absent' })
    await merge(provider, 'wim', 'wim-too')
    expect(await asked('wim-too')).toMatchObject({ kind: 'found', evidence: { version: 7 } })
    register.answerWith(async ({ subject }) => ({
      answer: {
        $case: 'found',
        value: { valueJson: `{"amount":${subject.length}}`, version: 7, asOfMs: startMs, related: [] },
      },
    }))
    expect(await asked('wim-too')).toMatchObject({ kind: 'found' })
  })

  it('oppose together, and what was collected about the other is deleted', async () => {
    const use = (name: string) => ({ subject: person(name), purpose: purposes.found })
    const { oppositions, runtime, received } = requester
    const exchangeId = await exchangeOf({ provider, requester, name: 'xav' })
    const nowMs = runtime.clock.nowMs()
    expect(await oppositions.begin(exchangeId, use('xav-there'), nowMs)).toBe(true)
    expect(await received.read(exchangeId, nowMs)).toBeDefined()
    const oppose = (name: string, keptUntilMs: number) =>
      runtime.postgres.transaction((tx) => oppositions.oppose(tx, use(name), { nowMs, keptUntilMs }))
    await oppose('xav-opposed', nowMs + 1000)
    await merge(requester, 'xav-opposed', 'xav-there')
    expect(await received.read(exchangeId, nowMs)).toBeUndefined()
    expect(await oppositions.begin(randomUUID(), use('xav-there'), nowMs)).toBe(false)
    expect(await oppositions.end(exchangeId, use('xav-opposed'), nowMs)).toBe(false)
    await oppose('xav-third', nowMs + 9000)
    await merge(requester, 'xav-third', 'xav-opposed')
    expect(await oppositions.begin(randomUUID(), use('xav-third'), nowMs + 8999)).toBe(false)
    expect(await oppositions.begin(randomUUID(), use('xav-third'), nowMs + 9000)).toBe(true)
  })

  it('are asked predicates about as often as one person may be, and previews again where both had answered', async () => {
    const { postgres } = provider.runtime
    const use = (name: string) => ({
      subject: person(name),
      requester: members.requester,
      predicates: ['low-income'],
      day: dayOf(startMs),
      mostPerDay: 5,
    })
    const count = (...names: string[]) => postgres.transaction((tx) => countPredicateUses(tx, names.map(use)))
    expect(await count('yan', 'yan', 'yan-too')).toEqual([false, false, false])
    const shown = (name: string, requestedBy: string) => ({
      subject: person(name),
      requester: requestedBy,
      purpose: purposes.grant,
      evidenceType: types.income,
      basisId: basis('wanted'),
    })
    const said = { answer: 'confirmed', evidenceVersion: 1, authorisation: 'a', validUntilMs: startMs } as const
    await postgres.transaction(async (tx) => {
      await putPreviewAnswer(tx, shown('yan', members.requester), said)
      await putPreviewAnswer(tx, shown('yan-too', members.requester), said)
      await putPreviewAnswer(tx, shown('yan-too', members.stranger), said)
    })
    await merge(provider, 'yan-too', 'yan')
    expect(await count('yan-too', 'yan', 'yan-too')).toEqual([false, false, true])
    const answers = await postgres.transaction(async (tx) => [
      await lockPreviewAnswer(tx, shown('yan', members.requester)),
      await lockPreviewAnswer(tx, shown('yan-too', members.stranger)),
      await lockPreviewAnswer(tx, shown('yan', members.stranger)),
    ])
    expect(answers).toEqual([undefined, said, said])
  })

  it('keep what was received, asked, stated and contested, whosever key it was encrypted with', async () => {
    const { runtime, received, pendingRequests, statementsOnHonour, contests } = requester
    const nowMs = runtime.clock.nowMs()
    const names = ['zoe-there', 'zoe-too-there']
    const exchanges = [
      await exchangeOf({ provider, requester, name: 'zoe' }),
      await exchangeOf({ provider, requester, name: 'zoe-too' }),
    ]
    const [pending, statement, contest] = [randomUUID(), randomUUID(), randomUUID()]
    const subject = person('zoe-there')
    await pendingRequests.keep(
      {
        exchangeId: pending,
        request: { ...RequestEvidenceRequest.decode(nothing), subject, evidenceType: types.income },
        asker: { kind: 'person', subject, clientId: 'c', acr: '', authTimeSeconds: 0, loginHandle: '' },
        giveUpAtMs: nowMs + 1000,
      },
      nowMs,
    )
    await runtime.postgres.transaction(async (tx) => {
      const stated = { statementId: statement, subject, purpose: purposes.rate, keepUntilMs: nowMs + 1000 }
      await statementsOnHonour.insert(tx, {
        ...GetStatementOnHonourResponse.decode(nothing),
        ...stated,
        text: 'So it is.',
      })
      const contested = { contestId: contest, subject, evidenceType: types.income, version: 1, field: 'amount' }
      await contests.insert(tx, { ...contested, statement: 'It is not so.', contestedAtMs: nowMs })
    })
    const before = await requester.accesses.exchange(exchanges[0] ?? '')
    await merge(requester, 'zoe-there', 'zoe-too-there')
    for (const id of exchanges) expect(await received.read(id, nowMs)).toMatchObject({ version: 1 })
    for (const name of names) expect(await exchangesOf(requester, name)).toEqual([...exchanges].reverse())
    // What is hashed into the log is what was written, also under the pseudonym of then.
    const after = await requester.accesses.exchange(exchanges[0] ?? '')
    expect(after?.opening).toEqual({ ...before?.opening, subject: person('zoe-too-there') })
    expect(await statementsOnHonour.read(statement, nowMs)).toMatchObject({
      subject: person('zoe-too-there'),
      text: 'So it is.',
    })
    for (const name of names) {
      const { contests: found } = await contests.ofSubject(person(name), undefined, 10)
      expect(found).toMatchObject([{ statement: 'It is not so.', subject: person('zoe-too-there') }])
    }
    expect(await pendingRequests.takeDue(nowMs, nowMs + 1, 10)).toMatchObject([
      {
        exchangeId: pending,
        request: { subject: person('zoe-too-there') },
        asker: { subject: person('zoe-too-there') },
      },
    ])
  })

  it('lose nothing that was encrypted as they became one: it is encrypted anew', async () => {
    const { received, exchangeLog, runtime } = requester
    const subject = person('tom')
    const evidence = { valueJson: '{}', version: 1, asOfMs: startMs, predicates: [], keepUntilMs: startMs + 3_600_000 }
    const entry = async () => {
      const own = record({ kind: 'receipt', subject, member: members.requester })
      return { record: own, received: await received.seal(own.exchange_id, subject, evidence) }
    }
    const sealed = await entry()
    await requester.subjectKeys.keyFor(person('tom-too'))
    await merge(requester, 'tom', 'tom-too')
    const mate = record({ kind: 'request', subject: person('mate'), member: members.requester, outcome: 'sent' })
    const [late, along] = await Promise.allSettled([exchangeLog.commit(sealed), exchangeLog.commit({ record: mate })])
    expect(late).toMatchObject({ status: 'rejected', reason: expect.any(PseudonymChanged) })
    expect(along).toEqual({ status: 'fulfilled', value: undefined })
    const again = await entry()
    await exchangeLog.commit(again)
    expect(await received.read(again.record.exchange_id, runtime.clock.nowMs())).toMatchObject({ version: 1 })
    expect(await exchangesOf(requester, 'mate')).toEqual([mate.exchange_id])
  })
})

describe('another epoch', () => {
  const inEpoch = (name: string, epoch: number) => person(name).replace('p1.1.', `p1.${epoch}.`)

  it('is moved to with all that is kept; then the secret of the one before may go, also for whom evidence names', async () => {
    resolve = (subject) => {
      const newest = subject.replace(/^p1\.\d\./, 'p1.2.')
      return { standing: { $case: 'known', value: { subject: newest, aliases: [newest.replace('p1.2.', 'p1.1.')] } } }
    }
    await declare('gil', 700, 0, 'gils-child')
    const { runtime, subjects } = provider
    await runtime.postgres.transaction((tx) => subjects.openEpoch(tx, 2))
    const before = await exchangesOf(provider, 'una')
    await runtime.postgres.query(`UPDATE subject_epoch SET began_at = began_at - interval '1 hour'`)
    for (let ticks = 0; ticks < 3; ticks++) await subjects.moveOn()
    const { rows } = await runtime.postgres.query('SELECT kept, target FROM subject_epoch')
    expect(rows).toEqual([{ kept: 2, target: 2 }])
    resolve = () => ({ standing: { $case: 'unknown', value: {} } })
    expect(await exchangesOf(provider, 'una')).toEqual(before)
    expect(
      (await provider.accesses.list(inEpoch('una', 2), undefined, 100)).map((each) => each.opening.record.exchange_id),
    ).toEqual(before)
    expect(await provider.evidence.newest(inEpoch('noa', 2), types.income)).toMatchObject({ value: { amount: 700 } })
    const asked = { ...informed('gil'), ticket: ticket({ sub: inEpoch('gil', 2) as never }) }
    const argumentTicket = ticket({ sub: inEpoch('gils-child', 2) as never })
    expect(await outcomeOf({ ...asked, predicates: [{ predicate: 'child-of', argumentTicket }] })).toMatchObject({
      value: { predicates: [{ predicate: 'child-of', holds: true }] },
    })
    for (const { name } of subjectTables(provider.subjectKeys)) {
      const { rowCount } = await runtime.postgres.query(`SELECT 1 FROM ${name} WHERE subject LIKE 'p1.1.%'`)
      expect([name, rowCount]).toEqual([name, 0])
    }
  })
})
