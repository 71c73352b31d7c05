import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Agency, openAgency, startMs } from '../agency.fixture.js'
import { hubCheck } from './check.js'
import { hubToken, openHub, type StandInHub } from './hub.fixture.js'
import { Hub } from './hub.js'

const [one, two] = ['ABCDE12345', 'FGHIJ67890']
const publicUrl = 'https://hall.example'
const id = '0b0e7a52-0000-4000-8000-000000000001'
/** An appointment here, of which alone the number matters. */
const keep = async (number: string, state: string) => {
  await agency.postgres.query(
    `INSERT INTO appointment (appointment_id, subject, service_type_id, schedule_no, place_id, starts_at_ms, ends_at_ms, state,
                              revision, motive, is_by_person, content, delete_after_ms)
     VALUES ($1, '', 'id-card', 1, 'hall', $2::bigint, $2::bigint + 1, $3, 1, '', false, '', 0)`,
    [id, startMs + 1000, state],
  )
  await agency.postgres.query('INSERT INTO pre_application VALUES ($1, $2)', [number, id])
}

let standIn: StandInHub
let agency: Agency
beforeAll(async () => {
  standIn = await openHub()
  agency = await openAgency()
})
beforeEach(async () => {
  standIn.forget()
  await agency.postgres.query('TRUNCATE appointment CASCADE')
})
afterAll(async () => {
  await agency.close()
  await standIn.close()
})

const hub = (change: { url?: string; token?: string; timeoutMs?: number } = {}) =>
  new Hub({ url: standIn.url, token: hubToken, timeoutMs: 5000, ...change })
const check = (numbers: string[], isSecondConfirmed = false, of = hub()) => {
  const { hubNotices, runtime, postgres } = agency
  const ask = hubCheck({ hub: of, hubNotices, publicUrl, clock: runtime.clock })
  return postgres.transaction((tx) => ask(tx, numbers, { isSecondConfirmed }))
}

describe('the question to the national hub before a booking', () => {
  it.each(['consumed', 'declared', 'unknown', 'expired'])('ends it where one is %s, and says which', async (status) => {
    standIn.says(one, 'validated')
    standIn.says(two, status)
    await expect(check([one, two], true)).rejects.toMatchObject({
      reason: 'PRE_APPLICATION_NOT_VALIDATED',
      facts: { field: 'preApplications.1', what: `is ${status}` },
    })
  })

  it('ends it where there is an appointment elsewhere, with its address, unless the person confirmed', async () => {
    standIn.says(one, 'validated')
    standIn.hasElsewhere(one, 'https://other.example/rdv/7')
    await expect(check([one])).rejects.toMatchObject({
      reason: 'PRE_APPLICATION_ALREADY_BOOKED',
      facts: { field: 'preApplications.0', managementUrl: 'https://other.example/rdv/7' },
    })
    await check([one], true)
  })

  it('ends it where there is one here already, heard of by the hub or not, and not where that was cancelled', async () => {
    standIn.says(one, 'validated')
    await keep(one, 'booked')
    await expect(check([one])).rejects.toMatchObject({
      reason: 'PRE_APPLICATION_ALREADY_BOOKED',
      facts: { managementUrl: `${publicUrl}/appointments/${id}` },
    })
    await check([one], true)
    await agency.postgres.query(`UPDATE appointment SET state = 'cancelled'`)
    standIn.hasElsewhere(one, `${publicUrl}/appointments/${id}`)
    await check([one])
  })

  it('hands no address on that is none of the web', async () => {
    standIn.says(one, 'validated')
    standIn.hasElsewhere(one, 'javascript:alert(1)')
    await expect(check([one])).rejects.toMatchObject({
      reason: 'PRE_APPLICATION_ALREADY_BOOKED',
      facts: { field: 'preApplications.0' },
    })
    await expect(check([one])).rejects.not.toHaveProperty('facts.managementUrl')
  })

  it('ends it where the hub refuses, breaks off, writes nonsense or is not there, and names no number', async () => {
    standIn.says(one, 'validated')
    for (const mishap of ['refused', 'answer lost', 'no JSON'] as const) {
      standIn.goesWrong(mishap)
      const error = await check([one]).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ reason: 'HUB_UNREACHABLE' })
      expect(error).not.toHaveProperty('cause')
      expect(String(error)).not.toContain(one)
    }
    await expect(check([one], false, hub({ url: 'http://127.0.0.1:1' }))).rejects.toMatchObject({
      reason: 'HUB_UNREACHABLE',
    })
    await expect(check([one], false, hub({ token: 'another' }))).rejects.toMatchObject({ reason: 'HUB_UNREACHABLE' })
  })

  it('ends it where the hub does not answer in time, and lets no more wait than it may', async () => {
    standIn.says(one, 'validated')
    const slow = hub({ timeoutMs: 1000 })
    standIn.goesWrong('no answer', 'no answer', 'no answer', 'no answer')
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => check([one], false, slow)))
    expect(asked.map((each) => each.status)).toEqual(Array(6).fill('rejected'))
    expect(standIn.calls).toHaveLength(4)
    await check([one], false, slow)
  })

  it('lets a booking go on where each is validated, and asks for each number once', async () => {
    standIn.says(one, 'validated')
    standIn.says(two, 'validated')
    standIn.hasElsewhere(one, `${publicUrl}/appointments/7`)
    await check([one, two, one])
    expect(standIn.calls).toEqual(['GET /coordination/api/status'])
  })
})
