import { ChangeApplied } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, openAgency } from '../agency.fixture.js'
import { queued } from '../database.fixture.js'
import { assent, sourceOne, startSeconds } from '../federation.fixture.js'
import { onChangeApplied } from './on-change-applied.js'
import { onOwnChangeApplied } from './on-own-change-applied.js'

let agency: AgencyFixture
beforeAll(async () => {
  agency = await openAgency('consent_applied', sourceOne)
})
afterAll(() => agency.postgres.close())

describe('consent.change-applied.v1', () => {
  it('is heard by a member from its own documents alone', () => {
    const { isSender } = onOwnChangeApplied(agency)
    expect(isSender({ kind: 'neighbour', service: 'identity' })).toBe(false)
    expect(isSender({ kind: 'member', member: assent, service: 'documents' })).toBe(false)
    expect(isSender({ kind: 'neighbour', service: 'documents' })).toBe(true)
  })

  it('is heard by the authority from consent services of members alone', () => {
    const { isSender } = onChangeApplied(agency)
    expect(isSender({ kind: 'neighbour', service: 'consent' })).toBe(false)
    expect(isSender({ kind: 'member', member: sourceOne, service: 'documents' })).toBe(false)
    expect(isSender({ kind: 'member', member: sourceOne, service: 'consent' })).toBe(true)
  })

  it('goes on from a provider to the authority unchanged', async () => {
    const data = ChangeApplied.encode({ feedPosition: 5 }).finish()
    const event = {
      sender: 'documents',
      type: 'consent.change-applied.v1',
      data,
      position: 1,
      occurredAtMs: startSeconds,
    }
    await agency.postgres.transaction((tx) => onOwnChangeApplied(agency).apply(event, tx))
    const [sent] = await queued(agency.postgres)
    expect(sent).toMatchObject({ receiver: `${assent}/consent-authority`, type: 'consent.change-applied.v1' })
    expect(ChangeApplied.decode(sent?.data ?? Buffer.alloc(0)).feedPosition).toBe(5)
  })
})
