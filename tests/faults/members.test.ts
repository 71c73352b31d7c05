import type { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { pivotOf } from '@unefois/deploy/sandbox/people'
import { memberWithRole } from '@unefois/deploy/sandbox/plan'
import { setPseudonymEpochs } from '@unefois/deploy/sandbox/pseudonym-epochs'
import { AccessOutcome } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, ask, Load, unreachable } from './_asking.js'
import { type FaultFederation, parts, startFaultFederation } from './_fault-federation.js'
import { answered } from './_metrics.js'
import { expectEveryRecordInLog, expectNothingLostOrDoubled, Records, tally } from './_records.js'
import { type Asking, Scene } from './_scene.js'
import { seeded } from './_seed.js'
import { until } from './_until.js'

const leaseMs = 4000
const drainMs = 10_000
const { authorities, provider, requester } = parts

let broken: FaultFederation
let scene: Scene
let town: AgencySystem
let token: string
let atProvider: Records
let atRequester: Records
const draw = seeded('members')

const asked = (asking: Asking, deadlineMs?: number): Promise<Answer> => ask(town, token, asking, deadlineMs)

/** Exchanges without a pause, until as many were answered as the seed says. */
const loaded = async (asking: Asking): Promise<Load> => {
  const load = new Load(() => asked(asking))
  await load.until('evidence', draw(20, 150))
  return load
}

const kill = async (name: string): Promise<void> => {
  const { exited } = broken.process(name)
  broken.signal(name, 'SIGKILL')
  await exited
}

const releasesAbout = async ({ person }: Asking) => {
  const subject = scene.subject(provider, person)
  return (await atProvider.halves()).filter((half) => half.kind === 'release' && half.subject === subject)
}

/** Exchanges that the provider has released and of which the requester has no receipt. */
const unreceived = async (): Promise<string[]> => {
  const receipts = tally(await atRequester.halves(), 'receipt')
  return [...tally(await atProvider.halves(), 'release').keys()].filter((id) => !receipts.has(id)).sort()
}

beforeAll(async () => {
  broken = await startFaultFederation({ leaseMs, people: 14 })
  scene = await Scene.open(broken.federation)
  town = scene.system(requester)
  token = (await town.call('evidence:request')).accessToken ?? ''
  atProvider = new Records(broken.federation, provider)
  atRequester = new Records(broken.federation, requester)
})

afterEach(() => broken.resume())

afterAll(async () => {
  town?.close()
  await broken?.end()
})

describe('the authorities stopped', () => {
  it('end releases on consent with the lease and not before, cost new pairs another route, and nothing else', async () => {
    const [consented, informed] = [await scene.consented(), await scene.informed()]
    expect((await asked(consented)).outcome).toBe('evidence')
    expect((await asked(informed)).outcome).toBe('evidence')
    const renewals = () => answered(broken.federation.admin(provider), 'RenewLease', 'OK')
    const before = await renewals()
    await until('the lease was renewed', async () => (await renewals()) > before)

    const stoppedAtMs = Date.now()
    broken.signal(authorities, 'SIGSTOP')
    expect((await asked(consented)).outcome).toBe('evidence')
    const load = new Load(() => asked(consented), 1)
    await until('a refusal', () => load.outcomes().some((outcome) => outcome !== 'evidence'))
    await load.stop()
    const firstRefusal = load.answers.findIndex(({ outcome }) => outcome !== 'evidence')
    expect(load.outcomes(firstRefusal)).toEqual(['REVOCATION_FEED_STALE'])
    const releases = await releasesAbout(consented)
    expect(Math.max(...releases.map(({ committedAtMs }) => committedAtMs))).toBeLessThan(stoppedAtMs + leaseMs)

    expect((await asked(informed)).outcome).toBe('evidence')
    const newPair = await scene.informed()
    expect((await asked(newPair, 1500)).outcome).toBe(unreachable)
    expect((await asked(consented)).outcome).toBe('REVOCATION_FEED_STALE')
    broken.signal(authorities, 'SIGCONT')
    await until('releases on consent', async () => (await asked(consented)).outcome === 'evidence', leaseMs)
    expect((await asked(newPair)).outcome).toBe('evidence')
  })
})

describe('a provider stopped in the middle of releases, for longer than its lease', () => {
  it.each([1, 2])('commits no release after the withdrawal came into force (round %i)', async () => {
    const asking = await scene.consented()
    const load = await loaded(asking)
    broken.signal(provider, 'SIGSTOP')
    const { recordedAtMs } = await scene.withdraw(asking.person)
    const inForceAtMs = await until('in force', async () => (await scene.withdraw(asking.person)).inForceAtMs)
    broken.signal(provider, 'SIGCONT')
    await load.until('CONSENT_REVOKED', 1)
    const answers = await load.stop()

    // Not confirmed, so it took the end of the lease; never longer.
    expect(inForceAtMs).toBeGreaterThan(recordedAtMs)
    expect(inForceAtMs).toBeLessThanOrEqual(recordedAtMs + leaseMs)
    const releases = await releasesAbout(asking)
    expect(releases.filter(({ committedAtMs }) => committedAtMs > inForceAtMs)).toEqual([])
    expect(releases.length).toBeGreaterThanOrEqual(load.count('evidence'))
    // Who asked while the provider stood still may have run out of their own time before any answer came.
    const foreseen = ['CONSENT_REVOKED', 'DEADLINE_EXCEEDED', 'REVOCATION_FEED_STALE', 'evidence', unreachable]
    expect(foreseen).toEqual(expect.arrayContaining(load.outcomes()))
    await expectNothingLostOrDoubled(broken.federation, answers)
    expect((await asked(asking)).outcome).toBe('CONSENT_REVOKED')
  })
})

describe('a provider killed under load', () => {
  it('costs its callers another route and no error, loses and doubles nothing, and comes back', async () => {
    const load = await loaded(await scene.informed())
    await kill(provider)
    await load.until(unreachable, 1)
    await broken.federation.restart(provider)
    await load.until('evidence', 20)
    const answers = await load.stop()
    expect(load.outcomes()).toEqual(['evidence', unreachable])
    await expectNothingLostOrDoubled(broken.federation, answers)
    await expectEveryRecordInLog(broken.federation)
  })
})

describe('a requester killed under load', () => {
  it('shows what it asked and never heard of as unconfirmed, and loses nothing that it acknowledged', async () => {
    const load = await loaded(await scene.informed())
    const before = new Set(await unreceived())
    // Stopped first: what it has sent is released meanwhile, and cannot be received.
    await until('a release without its receipt', async () => {
      broken.signal(requester, 'SIGSTOP')
      if ((await unreceived()).some((id) => !before.has(id))) return true
      broken.signal(requester, 'SIGCONT')
      return false
    })
    await kill(requester)
    await broken.federation.restart(requester)
    await load.until('evidence', 20)
    const answers = await load.stop()
    expect(load.outcomes()).toEqual(['UNAVAILABLE', 'evidence'])
    await expectNothingLostOrDoubled(broken.federation, answers)
    await expectEveryRecordInLog(broken.federation)

    const unconfirmed = (await unreceived()).filter((id) => !before.has(id))
    expect(unconfirmed).not.toEqual([])
    for (const exchangeId of unconfirmed) {
      const call = { accessToken: token, deadlineMs: 3000 }
      const { access, evidence } = await town.documents.getExchange({ exchangeId }, call)
      expect(access?.outcome).toBe(AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED)
      expect(evidence).toBeUndefined()
    }
  })
})

describe('the authorities killed', () => {
  it('cost new pairs another route while warm ones go on, and serve them once they are back', async () => {
    const [warm, newPair] = [await scene.informed(), await scene.informed()]
    expect((await asked(warm)).outcome).toBe('evidence')
    await kill(authorities)
    expect((await asked(newPair)).outcome).toBe(unreachable)
    expect((await asked(warm)).outcome).toBe('evidence')
    await broken.federation.restart(authorities)
    expect((await asked(newPair)).outcome).toBe('evidence')
  })
})

describe('a process that is asked to end under load', () => {
  it.each([
    ['requester', requester, 'UNAVAILABLE'],
    ['provider', provider, unreachable],
  ])('finishes what is under way and leaves with 0 (%s)', async (_, name, meanwhile) => {
    if (!broken.federation.processes.get(requester)?.isRunning()) await broken.federation.restart(requester)
    const asking = await scene.informed()
    await until('evidence', async () => (await asked(asking)).outcome === 'evidence')
    const before = await unreceived()
    const load = await loaded(asking)
    const { exited } = broken.process(name)
    const askedAt = performance.now()
    broken.signal(name, 'SIGTERM')
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - askedAt).toBeLessThan(drainMs)
    await load.until(meanwhile, 1)
    const answers = await load.stop()
    expect(load.outcomes().filter((outcome) => outcome !== 'evidence')).toEqual([meanwhile])
    await expectNothingLostOrDoubled(broken.federation, answers)
    expect(await unreceived()).toEqual(before)
  })
})

describe('pseudonyms of a new epoch', () => {
  it('are moved to with traffic on, and the secret before goes: nobody is refused, nothing lost or doubled', async () => {
    if (!broken.federation.processes.get(provider)?.isRunning()) await broken.federation.restart(provider)
    const consented = await scene.consented()
    const asking = await scene.informed()
    for (const each of [consented, asking])
      await until('evidence', async () => (await asked(each)).outcome === 'evidence')
    const load = new Load(() => asked(asking), 2)
    const { folder } = broken.federation.keys(memberWithRole(broken.federation.plan, 'identity-authority').id)
    const startWith = async (accepted: readonly number[], current: number): Promise<void> => {
      setPseudonymEpochs(folder, { accepted, current })
      await broken.federation.restart(authorities)
    }
    await startWith([1, 2], 1)
    for (const [member, service] of [
      [provider, 'documents'],
      [provider, 'consent'],
      [requester, 'documents'],
      [requester, 'consent'],
      [parts.consentAuthority, 'consent-authority'],
    ] as const) {
      const kept = 'SELECT kept FROM subject_epoch WHERE kept = 2'
      const there = new Records(broken.federation, member, service)
      await until(`everybody is moved at ${service} of ${member}`, async () => (await there.query(kept)).length === 1)
    }
    await startWith([2], 2)
    await load.until('evidence', 20)
    const answers = await load.stop()
    expect(load.outcomes()).toEqual(['evidence'])
    await expectNothingLostOrDoubled(broken.federation, answers)

    // With pseudonyms that only the new secret opens, and tickets asked for anew.
    const { match } = await town.identity.enrolSubject(
      { pivot: pivotOf(consented.person) },
      await town.call('identity:enrol'),
    )
    const subject = match?.answer?.$case === 'subject' ? match.answer.value : ''
    expect(subject).toMatch(/^p1\.2\./)
    // The consent authority was restarted with the others: the provider renews its lease first.
    await until('evidence', async () => (await asked({ ...consented, subject })).outcome === 'evidence')
    await scene.withdraw(consented.person)
    await until('withdrawn', async () => (await asked({ ...consented, subject })).outcome === 'CONSENT_REVOKED')
    for (const each of [atProvider, atRequester])
      expect(await each.query(`SELECT 1 FROM exchange_record WHERE subject LIKE 'p1.1.%'`)).toEqual([])
  })
})
