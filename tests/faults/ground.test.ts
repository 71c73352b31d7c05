import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { capturedRequest, encodeRelease, releaseMethod } from '@unefois/deploy/sandbox/captured'
import { RawMember } from '@unefois/deploy/sandbox/raw-member'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, ask, Load, mostInFlight, unreachable } from './_asking.js'
import { type FaultFederation, parts, startFaultFederation } from './_fault-federation.js'
import { killServer, restartBus, restartPostgres, startReplica } from './_ground.js'
import { answered } from './_metrics.js'
import { expectEveryRecordInLog, expectNothingLostOrDoubled, Records } from './_records.js'
import { type Asking, Scene } from './_scene.js'
import { seeded } from './_seed.js'
import { until } from './_until.js'

// Long enough for a process to start while the consent authority is stopped.
const leaseMs = 20_000
const { authorities, consentAuthority, provider, requester } = parts

let broken: FaultFederation
let scene: Scene
let town: AgencySystem
let token: string
let pids: string
const draw = seeded('ground')

const asked = (asking: Asking, deadlineMs?: number): Promise<Answer> => ask(town, token, asking, deadlineMs)
const pidsNow = (): string => JSON.stringify([...broken.federation.processes].map(([name, { pid }]) => [name, pid]))
const releasesOf = (admin: string, reason: string): Promise<number> => answered(admin, 'ReleaseEvidence', reason)
const isReady = async (name: string): Promise<boolean> => (await fetch(`${broken.federation.admin(name)}/readyz`)).ok

/** Exchanges without consent, until as many were answered as the seed says. */
const loaded = async (): Promise<{ load: Load; asking: Asking }> => {
  const asking = await scene.informed()
  const load = new Load(() => asked(asking))
  await load.until('evidence', draw(20, 150))
  return { load, asking }
}

beforeAll(async () => {
  broken = await startFaultFederation({ leaseMs, people: 10 })
  scene = await Scene.open(broken.federation)
  town = scene.system(requester)
  token = (await town.call('evidence:request')).accessToken ?? ''
  pids = pidsNow()
})

afterEach(() => broken.resume())

afterAll(async () => {
  town?.close()
  await broken?.end()
})

describe('the bus killed under load', () => {
  it('leaves other routes and local work, keeps events in their outbox, and comes back to the same processes', async () => {
    const { federation } = broken
    const atAuthority = new Records(federation, consentAuthority, 'consent-authority')
    const atProvider = new Records(federation, provider)
    const { load, asking } = await loaded()

    // Somebody else carries the provider's events, as far as the authority's outbox can tell: so the grant waits in it.
    const carrier = await atAuthority.session()
    const order = `${provider}/consent\nconsent-feed`
    await carrier.query('SELECT pg_advisory_lock(hashtext(current_schema()), hashtext($1))', [order])
    const granted = await (await scene.granted()).asking()
    const subject = scene.subject(provider, granted.person)
    await killServer(federation.natsServer.pid)
    await carrier.end()
    await load.until(unreachable, 1)
    expect(await atAuthority.waiting()).toBe(1)
    expect(await atProvider.query('SELECT FROM consent WHERE subject = $1', [subject])).toEqual([])
    expect((await scene.informed()).basisId).not.toBe('')
    await until('each member says that it is cut off', async () => !(await isReady(provider)))

    await restartBus(federation)
    await until('the consent is applied', async () => (await asked(granted)).outcome === 'evidence')
    await load.until('evidence', 20)
    const answers = await load.stop()
    expect(load.outcomes()).toEqual(['evidence', unreachable])
    await until('nothing waits', async () => (await atAuthority.waiting()) === 0)
    await until('each member is back', () => isReady(provider))
    expect((await asked(asking)).outcome).toBe('evidence')
    await expectNothingLostOrDoubled(federation, answers)
    expect(pidsNow()).toBe(pids)
  })
})

describe('PostgreSQL killed under load', () => {
  it('answers UNAVAILABLE meanwhile, keeps what was committed, and comes back to the same processes', async () => {
    const consented = await scene.consented()
    expect((await asked(consented)).outcome).toBe('evidence')
    const { load } = await loaded()
    await killServer(broken.federation.postgres.pid)
    await load.until('UNAVAILABLE', 1)
    await restartPostgres(broken.federation)
    await load.until('evidence', 20)
    const answers = await load.stop()
    expect(load.outcomes().filter((outcome) => outcome !== unreachable)).toEqual(['UNAVAILABLE', 'evidence'])
    await expectNothingLostOrDoubled(broken.federation, answers)
    await expectEveryRecordInLog(broken.federation)
    await until('releases on consent', async () => (await asked(consented)).outcome === 'evidence')
    expect(pidsNow()).toBe(pids)
  })
})

describe('the database of one member gone', () => {
  it('costs that member its answers and the others nothing', async () => {
    const asking = await scene.informed()
    expect((await asked(asking)).outcome).toBe('evidence')
    const elsewhere = new Records(broken.federation, requester)
    await elsewhere.query(`ALTER DATABASE ${provider} ALLOW_CONNECTIONS false`)
    await elsewhere.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [provider])
    expect((await asked(asking)).outcome).toBe(unreachable)
    expect((await scene.informed(asking.person)).basisId).not.toBe('')
    await elsewhere.query(`ALTER DATABASE ${provider} ALLOW_CONNECTIONS true`)
    await until('evidence', async () => (await asked(asking)).outcome === 'evidence')
    expect(pidsNow()).toBe(pids)
  })
})

describe('two documents processes of one provider', () => {
  it('share the requests, refuse a replay whichever gets it, hold a lease each, and outlive each other', async () => {
    const { federation } = broken
    const [consented, informed] = [await scene.consented(), await scene.informed()]
    expect((await asked(consented)).outcome).toBe('evidence')
    const first = federation.admin(provider)

    broken.signal(authorities, 'SIGSTOP')
    const { child, admin: second } = await startReplica(federation, provider)
    const before = await releasesOf(first, 'OK')
    const load = new Load(() => asked(consented), 1)
    await until('answers of both', () => load.outcomes().length === 2 && load.answers.length > 5)
    await load.stop()
    expect(load.outcomes()).toEqual(['REVOCATION_FEED_STALE', 'evidence'])
    expect(await releasesOf(second, 'REVOCATION_FEED_STALE')).toBe(load.count('REVOCATION_FEED_STALE'))
    expect(await releasesOf(second, 'OK')).toBe(0)
    expect((await releasesOf(first, 'OK')) - before).toBe(load.count('evidence'))
    broken.signal(authorities, 'SIGCONT')
    await until('the second holds a lease', async () => {
      await asked(consented)
      return (await releasesOf(second, 'OK')) > 0
    })

    const raw = await RawMember.connect(federation, requester, 'documents')
    const { subject, purpose, basisId } = informed
    const { evidenceType, field } = parts
    const request = await capturedRequest(federation, {
      requester,
      provider,
      subject,
      evidenceType,
      purpose,
      basisId,
      fields: [field],
    })
    const sent = raw.seal(provider, 'documents', releaseMethod, encodeRelease(request))
    const replies = await Promise.all(
      Array.from({ length: 24 }, () => raw.send(provider, 'documents', 'ReleaseEvidence', sent.message, sent)),
    )
    await raw.close()
    expect(replies.filter((reply) => 'sealed' in reply && reply.sealed.status === 'ok')).toHaveLength(1)
    expect(replies.filter((reply) => 'refusal' in reply && reply.refusal === 'TOKEN_REPLAYED')).toHaveLength(23)
    expect(await releasesOf(first, 'TOKEN_REPLAYED')).toBeGreaterThan(0)
    expect(await releasesOf(second, 'TOKEN_REPLAYED')).toBeGreaterThan(0)

    const { load: under } = await loaded()
    process.kill(child.pid, 'SIGKILL')
    await child.exited
    await under.until('evidence', 100)
    const answers = await under.stop()
    expect(under.outcomes().filter((outcome) => outcome !== unreachable)).toEqual(['evidence'])
    // Only what the killed process had in its hands.
    expect(under.count(unreachable)).toBeLessThanOrEqual(mostInFlight)
    await expectNothingLostOrDoubled(federation, answers, [request.exchangeId])
    await expectEveryRecordInLog(federation)
    expect(pidsNow()).toBe(pids)
  })
})

describe('the federation signer gone', () => {
  it('stops nothing: a member starts again from the list that it keeps', async () => {
    const asking = await scene.informed()
    const { signer } = broken.federation
    const list = readFileSync(signer.listPath)
    signer.stop()
    rmSync(signer.listPath)
    await broken.federation.restart(requester)
    await until('evidence', async () => (await asked(asking)).outcome === 'evidence')
    writeFileSync(signer.listPath, list, { mode: 0o600 })
  })
})
