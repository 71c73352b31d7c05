import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Agency, hallPlace, openAgency, startMs } from '../agency.fixture.js'
import { type HubAppointment, managementUrl } from '../domain/hub-notice.js'
import { forgetUnheard, hubChores, tellWhatIsDue } from './chores.js'
import { hubToken, type Mishap, openHub, type StandInHub } from './hub.fixture.js'
import { Hub } from './hub.js'

const number = 'ABCDE12345'
const id = (at: number): string => `0b0e7a52-0000-4000-8000-00000000000${at}`
const appointment = (at = 1, change: Partial<HubAppointment> = {}): HubAppointment => ({
  appointmentId: id(at),
  subject: '',
  preApplications: [number],
  localStart: '2026-11-24T09:00+01:00',
  placeId: 'hall',
  place: hallPlace(),
  ...change,
})

let standIn: StandInHub
let agency: Agency
beforeAll(async () => {
  standIn = await openHub()
  agency = await openAgency({ hub: new Hub({ url: standIn.url, token: hubToken, timeoutMs: 5000 }) })
})
beforeEach(async () => {
  standIn.forget()
  agency.setNow(startMs)
  await agency.postgres.query('TRUNCATE hub_notice')
})
afterAll(async () => {
  await agency.close()
  await standIn.close()
})

type Change = Parameters<Agency['tellHub']>[1]
const change = (told: Change) => agency.postgres.transaction((tx) => agency.tellHub(tx, told))
const unheard = async (): Promise<number> =>
  (await agency.postgres.query<{ n: number }>('SELECT count(*) AS n FROM hub_notice')).rows[0]?.n ?? 0
/** Goes on in time, as chores do, until nothing is unheard. */
const tellAll = async (): Promise<void> => {
  for (let at = startMs, turns = 0; (await unheard()) > 0; turns++) {
    expect(turns).toBeLessThan(200)
    at += 120_000
    agency.setNow(at)
    await tellWhatIsDue(agency)
  }
}

describe('what the national hub is told', () => {
  it('waits while the hub does not hear, longer each time, and goes when it does', async () => {
    await change({ after: appointment() })
    standIn.goesWrong('refused', 'refused')
    await tellWhatIsDue(agency)
    await tellWhatIsDue(agency)
    expect(standIn.calls).toHaveLength(1)
    agency.setNow(startMs + 1000)
    await tellWhatIsDue(agency)
    agency.setNow(startMs + 2000)
    await tellWhatIsDue(agency)
    expect(standIn.calls).toHaveLength(2)
    agency.setNow(startMs + 3000)
    await tellWhatIsDue(agency)
    expect(standIn.known()).toHaveLength(1)
    expect(await unheard()).toBe(0)
  })

  it('is an appointment with its place, its local time and the address at which it is managed', async () => {
    await change({ after: appointment() })
    await tellWhatIsDue(agency)
    expect(standIn.known()).toEqual([
      {
        application_id: number,
        meeting_point: 'Mairie',
        meeting_point_id: 'hall',
        appointment_date: '2026-11-24T09:00',
        management_url: `https://hall.example/appointments/${id(1)}`,
      },
    ])
  })

  it('is told again when nobody knows whether it was heard, and stands once', async () => {
    await change({ after: appointment() })
    standIn.goesWrong('answer lost')
    await tellAll()
    expect(standIn.known()).toHaveLength(1)
  })

  it('is told by another process when the one that took it has died', async () => {
    await change({ after: appointment() })
    expect(await agency.hubNotices.take(startMs, startMs + 60_000, 8)).toHaveLength(1)
    await tellWhatIsDue(agency)
    expect(standIn.calls).toEqual([])
    agency.setNow(startMs + 60_000)
    await tellWhatIsDue(agency)
    expect(standIn.known()).toHaveLength(1)
  })

  it('is taken back also where the place has another name by then', async () => {
    await change({ after: appointment() })
    await tellAll()
    await change({ before: appointment(1, { place: hallPlace({ title: { fr: 'Mairie annexe', en: 'Annex' } }) }) })
    await tellAll()
    expect(standIn.known()).toEqual([])
  })

  it('holds up no other pre-application', async () => {
    standIn.goesWrong('refused')
    await change({ after: appointment(1) })
    await tellWhatIsDue(agency)
    await change({ before: appointment(1) })
    await change({ after: appointment(2, { preApplications: ['FGHIJ67890'] }) })
    await tellWhatIsDue(agency)
    expect(standIn.known().map((each) => each.application_id)).toEqual(['FGHIJ67890'])
  })

  it('is forgotten a month after the appointment, heard or not', async () => {
    await change({ after: appointment(1, { localStart: '2026-10-22T09:00+02:00' }) })
    await change({ after: appointment(2, { localStart: '2026-10-23T09:00+02:00' }) })
    await forgetUnheard(agency)
    expect(await unheard()).toBe(1)
  })

  it('is nothing where the agency takes no part', async () => {
    const alone = await openAgency()
    try {
      await alone.postgres.transaction((tx) => alone.tellHub(tx, { after: appointment() }))
      const { rows } = await alone.postgres.query('SELECT 1 FROM hub_notice')
      expect(rows).toEqual([])
      expect(alone.hubCheck).toBeUndefined()
      expect(hubChores(alone)).toEqual([])
    } finally {
      await alone.close()
    }
  })

  it('leaves the hub knowing exactly the live appointments, whatever is booked, moved and cancelled, and whatever goes wrong', async () => {
    const act = fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('book', 'move', 'cancel', 'tell'),
      fc.integer({ min: 10, max: 17 }),
      fc.subarray([number, 'FGHIJ67890'], { minLength: 1 }),
    )
    const mishap = fc.constantFrom<Mishap>('refused', 'answer lost', 'no JSON')
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 20 }), fc.array(mishap, { maxLength: 12 }), async (acts, mishaps) => {
        standIn.forget()
        standIn.goesWrong(...mishaps)
        const live = new Map<number, HubAppointment>()
        for (const [at, what, hour, preApplications] of acts) {
          const before = live.get(at)
          if (what === 'tell') {
            await tellWhatIsDue(agency)
          } else if (what === 'book' && !before) {
            const after = appointment(at, { preApplications, localStart: `2026-11-24T${hour}:00+01:00` })
            await change({ after })
            live.set(at, after)
          } else if (what === 'move' && before) {
            const after = { ...before, localStart: `2026-11-25T${hour}:00+01:00` }
            await change({ before, after })
            live.set(at, after)
          } else if (what === 'cancel' && before) {
            await change({ before })
            live.delete(at)
          }
        }
        await tellAll()
        const told = standIn.known().map((each) => [each.application_id, each.management_url, each.appointment_date])
        const expected = [...live.values()].flatMap(({ preApplications, appointmentId, localStart }) =>
          preApplications.map((each) => [
            each,
            managementUrl('https://hall.example', appointmentId),
            localStart.slice(0, 16),
          ]),
        )
        expect(new Set(told.map(String))).toEqual(new Set(expected.map(String)))
        expect(told).toHaveLength(expected.length)
      }),
      { numRuns: 60 },
    )
  })
})
