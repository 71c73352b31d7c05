import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pledgeSlot } from '../rpc/pledge-slot.js'
import { askForOutcomes, forgetEndedVisits, releaseUndecided } from './chores.js'
import { at, type House, ofMember, openHouse, slotOf } from './visit.fixture.js'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const dayMs = 86_400_000
const later = (ms: number) => house.setNow(house.hall.runtime.clock.nowMs() + ms)
const pledge = (visitId: string = randomUUID()) =>
  pledgeSlot(house.fundNeeds).handle(
    {
      ...{ visitId, leg: 1, slot: slotOf('09:30'), code: 'ABCDEFGH' },
      ...{ language: 'fr', needs: undefined, sharedPlace: 'house' },
    },
    ofMember('hall'),
  )
/** A process that asked for a pledge and ended before it decided. */
const leftUndecided = async () => {
  let heard: (() => void) | undefined
  const asked = new Promise<void>((resolve) => {
    heard = resolve
  })
  house.meanwhile(async (send) => {
    await send()
    heard?.()
    return new Promise(() => undefined)
  })
  void house.book()
  await asked
  house.meanwhile((send) => send())
}
const keys = async (member: 'hall' | 'fund') =>
  (await house[member].postgres.query('SELECT FROM appointments_keys.file_key')).rowCount

describe('a visit that nobody decided', () => {
  it('is left alone in its time, and released once it is over, also by two processes at once', async () => {
    await leftUndecided()
    later(29_999)
    await releaseUndecided(house.hallNeeds)
    expect(await house.stand()).toMatchObject({ hall: ['held'], visits: ['pledging'] })
    later(1)
    await Promise.all([1, 2, 3].map(() => releaseUndecided(house.hallNeeds)))
    expect(await house.stand()).toMatchObject({ hall: ['lapsed'], visits: ['released'], claims: { hall: 0, fund: 1 } })
    expect(await house.carry('hall', 'fund')).toBe(1)
    expect(await house.stand()).toMatchObject({ fund: ['lapsed'], claims: { fund: 0 } })
  })
})

describe('a member of which nothing was heard', () => {
  it('is not asked at once, and asked after longer and longer pauses while it does not answer', async () => {
    await pledge()
    const asked = async () =>
      (await house.fund.postgres.query<{ asked: number }>('SELECT asked FROM pledge')).rows[0]?.asked
    house.cutOff('cut')
    later(59_999)
    await askForOutcomes(house.fundNeeds)
    expect(await asked()).toBe(0)
    later(1)
    await askForOutcomes(house.fundNeeds)
    expect(await asked()).toBe(1)
    later(119_999)
    await askForOutcomes(house.fundNeeds)
    expect(await asked()).toBe(1)
    later(1)
    await askForOutcomes(house.fundNeeds)
    expect(await asked()).toBe(2)
    expect(await house.stand()).toMatchObject({ fund: ['held'], claims: { fund: 1 } })
    house.cutOff('joined')
    later(240_000)
    await askForOutcomes(house.fundNeeds)
    expect(await house.stand()).toMatchObject({ fund: ['lapsed'], pledges: ['released'], claims: { fund: 0 } })
  })

  it('says what became of its visit before its event has come', async () => {
    await house.book()
    later(60_000)
    await askForOutcomes(house.fundNeeds)
    expect(await house.stand()).toMatchObject({ fund: ['booked'], pledges: ['booked'] })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toMatchObject({ fund: ['booked'], pledges: ['booked'], claims: { fund: 1 } })
  })

  it('keeps its slot while it has not decided', async () => {
    await leftUndecided()
    house.fund.setNow(house.fund.runtime.clock.nowMs() + 60_000)
    await askForOutcomes(house.fundNeeds)
    expect(await house.stand()).toMatchObject({ fund: ['held'], pledges: ['pledged'], claims: { fund: 1 } })
  })
})

describe('retention', () => {
  it('deletes a visit after its meetings, with its key, and a pledge a week after', async () => {
    await house.book()
    await house.carry('hall', 'fund')
    house.setNow(at('10:00') + 7 * dayMs - 1)
    for (const needs of [house.hallNeeds, house.fundNeeds]) await forgetEndedVisits(needs)
    expect(await house.stand()).toMatchObject({ visits: ['booked'], pledges: ['booked'] })
    house.setNow(at('10:00') + 91 * dayMs)
    const before = (await keys('hall')) ?? 0
    for (const needs of [house.hallNeeds, house.fundNeeds]) await forgetEndedVisits(needs)
    expect(await house.stand()).toMatchObject({ visits: [], pledges: [] })
    expect(await keys('hall')).toBe(before - 1)
  })

  it('deletes no visit that is not decided', async () => {
    await leftUndecided()
    house.setNow(at('10:00') + 400 * dayMs)
    await forgetEndedVisits(house.hallNeeds)
    expect(await house.stand()).toMatchObject({ visits: ['pledging'] })
  })

  it('gives a slot back a week after its time, of a member that is never heard of again', async () => {
    await pledge()
    house.setNow(at('10:00') + 7 * dayMs)
    await forgetEndedVisits(house.fundNeeds)
    expect(await house.stand()).toMatchObject({ fund: ['lapsed'], pledges: ['released'], claims: { fund: 0 } })
  })
})
