import type { Places } from '@unefois/deploy/sandbox/places'
import type { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askConsent, Session } from './_consent.js'
import { sharedFederation } from './_federation.js'
import { refusalOf } from './_refusals.js'
import { agreed, fund, Resident, town } from './_resident.js'

const inFlight = 50
/** The consent authority's default: the longest that a withdrawal may take to be in force. */
const leaseMs = 10_000

let places: Places
let resident: Resident
let session: Session
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  session = await Session.open(resident)
})
afterAll(() => {
  session.close()
  resident.leave()
})

/** Withdraws at the portal, and asks again until the withdrawal is in force: both answer the same withdrawal. */
const withdraw = async (consentId: string): Promise<{ recordedAtMs: number; inForceAtMs: number }> => {
  for (;;) {
    const response = await resident.atPortal('DELETE', `/v1/me/consents/${consentId}`)
    const { recordedAt, inForceAt } = (await response.json()) as { recordedAt: string; inForceAt: string | null }
    if (inForceAt !== null) return { recordedAtMs: Date.parse(recordedAt), inForceAtMs: Date.parse(inForceAt) }
  }
}

/** One exchange as the town's software sees it: when it asked, and what it got. */
interface Seen {
  readonly askedAtMs: number
  readonly answer: string
}

describe('a consent that is withdrawn while exchanges on it are in flight', () => {
  it('is on record as the reason of every exchange after it was in force, and no release is later than that', async () => {
    const { consentId, basisId } = await session.grant(await askConsent(resident))
    const call = await resident.town.call('evidence:request')
    const seen: Seen[] = []
    const one = async (): Promise<Seen> => {
      const askedAtMs = Date.now()
      const request = resident.wish(basisId, { purpose: agreed, procedure: agreed })
      const { idempotencyKey: _, ...plain } = call
      const answer = await resident.town.documents.requestEvidence(request, plain).then(
        ({ outcome }) => outcome?.$case ?? 'none',
        (thrown) => (thrown as MeshError).reason,
      )
      return { askedAtMs, answer }
    }
    /** Asks again and again until refused: the budget of refusals on record is one for each second and sender. */
    const keepAsking = async (): Promise<void> => {
      for (;;) {
        const last = await one()
        seen.push(last)
        if (last.answer !== 'evidence') return
      }
    }
    expect((await one()).answer).toBe('evidence')
    const asking = Array.from({ length: inFlight }, keepAsking)
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(inFlight)
    const { recordedAtMs, inForceAtMs } = await withdraw(consentId)
    await Promise.all(asking)

    expect(inForceAtMs).toBeGreaterThanOrEqual(recordedAtMs)
    expect(inForceAtMs).toBeLessThanOrEqual(recordedAtMs + leaseMs)
    expect(seen.filter(({ answer }) => answer !== 'evidence').map(({ answer }) => answer)).toEqual(
      Array.from({ length: inFlight }, () => 'CONSENT_REVOKED'),
    )
    expect(seen.filter(({ answer, askedAtMs }) => answer === 'evidence' && askedAtMs > inForceAtMs)).toEqual([])
    const released = (await resident.uses()).filter(({ member, outcome }) => member === fund && outcome === 'released')
    expect(released.filter(({ at }) => Date.parse(at) > inForceAtMs)).toEqual([])
  })

  it('is refused for good, and the person sees the tries at both ends', async () => {
    const { consentId, basisId } = await session.grant(await askConsent(resident))
    const ask = () => resident.ask(basisId, { purpose: agreed, procedure: agreed })
    await withdraw(consentId)
    expect(await refusalOf('unefois.documents.v1.DocumentsService/RequestEvidence', ask)).toBe('CONSENT_REVOKED')
    expect(await resident.onRecord()).toContain(`${town}: ${town} refused CONSENT_REVOKED`)
    expect(await resident.onRecord()).toContain(`${fund}: ${town} refused CONSENT_REVOKED`)
  })
})
