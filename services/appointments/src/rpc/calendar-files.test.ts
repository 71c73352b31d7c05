import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import type { Secret } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Agency,
  atGateway,
  hallPlace,
  openAgency,
  person,
  practitioner,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { sha256Of } from '../booking/secret.js'
import { type KeptAppointment, unsaid } from '../domain/appointment.js'
import { type Component, propertyOf, unescaped } from '../icalendar/icalendar.js'
import { parseCalendars } from '../icalendar/parse.js'
import { finished } from '../icalendar/steps.fixture.js'
import { createFeed } from './create-feed.js'
import { endFeed } from './end-feed.js'
import { getCalendarFile } from './get-calendar-file.js'
import { readFeed } from './read-feed.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const ada = someone()
const toBring = [{ fr: 'Une photo, récente', en: 'A photo; recent' }]

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  await agency.postgres.transaction((tx) =>
    agency.calendars.publish(tx, {
      places: [hallPlace()],
      resources: [practitioner()],
      serviceTypes: [serviceType({ toBring })],
      schedules: [weekdays()],
      closures: [],
    }),
  )
})
beforeEach(async () => {
  agency.setNow(startMs)
  await agency.postgres.query('TRUNCATE appointment, calendar_feed CASCADE')
})
afterAll(() => agency.close())

const keep = async (change: Partial<KeptAppointment> = {}): Promise<KeptAppointment> => {
  const { practitioners, schedules } = await agency.book.current()
  const startsAtMs = Date.parse('2026-11-24T08:00:00Z')
  const kept: KeptAppointment = {
    appointmentId: randomUUID(),
    subject: ada,
    serviceTypeId: 'id-card',
    scheduleNo: schedules.get('ada-mornings')?.no ?? 0,
    placeId: 'hall',
    practitionerNo: practitioners.get('ada')?.no,
    startsAtMs,
    endsAtMs: startsAtMs + hourMs / 2,
    state: 'booked',
    revision: 3,
    motive: 'id-card',
    isByPerson: true,
    heldUntilMs: undefined,
    seriesId: undefined,
    visitId: undefined,
    secretSha256: undefined,
    remindAtMs: undefined,
    deleteAfterMs: startsAtMs + 90 * dayMs,
    ...change,
    said: { ...unsaid, channel: MeetingChannel.MEETING_CHANNEL_COUNTER, language: 'fr', ...change.said },
  }
  return agency.postgres.transaction((tx) => agency.appointments.insert(tx, kept))
}
const fileOf = async (appointmentId: string, call: Call = person(ada), secret?: Secret): Promise<Component> => {
  const { icalendar } = await getCalendarFile(agency).handle({ appointmentId, secret }, call)
  return calendarIn(icalendar)
}
const calendarIn = (icalendar: string): Component => {
  for (const line of icalendar.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  const read = finished(parseCalendars(icalendar))
  if ('what' in read || !read[0]) throw new Error('no calendar')
  return read[0]
}
const events = ({ components }: Component): Component[] => components.filter(({ name }) => name === 'VEVENT')
const textOf = (component: Component | undefined, name: string): string | undefined => {
  const found = component && propertyOf(component, name)
  return found && unescaped(found.value)
}

describe('GetCalendarFile', () => {
  it('refuses another person’s appointment, a wrong secret, a hold, and one that there is not', async () => {
    const secretSha256 = sha256Of('the secret')
    const { appointmentId } = await keep({ secretSha256 })
    const unknown = { reason: 'APPOINTMENT_UNKNOWN' }
    await expect(fileOf(appointmentId, person(someone()))).rejects.toMatchObject(unknown)
    await expect(fileOf(randomUUID())).rejects.toMatchObject(unknown)
    const shown = (value: string): Secret => ({ of: { $case: 'appointment', value } })
    await expect(fileOf(appointmentId, atGateway(), shown('another'))).rejects.toMatchObject(unknown)
    const held = await keep({ state: 'held', heldUntilMs: startMs + hourMs })
    await expect(fileOf(held.appointmentId)).rejects.toMatchObject({ reason: 'APPOINTMENT_ENDED' })
    expect(events(await fileOf(appointmentId, atGateway(), shown('the secret')))).toHaveLength(1)
  })

  it('is a request with what, when, where and what to bring', async () => {
    const { appointmentId } = await keep()
    const file = await fileOf(appointmentId)
    const [event] = events(file)
    expect(textOf(file, 'METHOD')).toBe('REQUEST')
    expect(event?.properties.map(({ name, value }) => [name, unescaped(value)])).toEqual([
      ['UID', `${appointmentId}@hall.unefois`],
      ['SEQUENCE', '3'],
      ['DTSTAMP', '20261123T060000Z'],
      ['DTSTART', '20261124T090000'],
      ['DTEND', '20261124T093000'],
      ['ORGANIZER', 'https://hall.example'],
      ['ATTENDEE', `urn:uuid:${appointmentId}`],
      ['SUMMARY', 'Carte d’identité'],
      ['LOCATION', 'Mairie, 1 place de la République, 08300 Rethel'],
      ['DESCRIPTION', 'À apporter :\n- Une photo, récente'],
      ['URL', `https://hall.example/appointments/${appointmentId}`],
      ['CLASS', 'PRIVATE'],
      ['STATUS', 'CONFIRMED'],
    ])
    expect(event && propertyOf(event, 'DTSTART')?.parameters).toEqual({ TZID: 'Europe/Paris' })
    expect(file.components.map(({ name }) => name)).toEqual(['VTIMEZONE', 'VEVENT'])
  })

  it('is the cancellation of the same entry once it was cancelled, one change later', async () => {
    const { appointmentId } = await keep({ state: 'cancelled', revision: 4 })
    const file = await fileOf(appointmentId)
    expect(textOf(file, 'METHOD')).toBe('CANCEL')
    expect(textOf(events(file)[0], 'STATUS')).toBe('CANCELLED')
    expect(textOf(events(file)[0], 'SEQUENCE')).toBe('4')
    expect(textOf(events(file)[0], 'UID')).toBe(`${appointmentId}@hall.unefois`)
  })

  it('speaks the language of the appointment, names the person by their own address alone, and no place for a call', async () => {
    const contact = { way: 'email', address: 'ada@mail.example' }
    const channel = MeetingChannel.MEETING_CHANNEL_TELEPHONE
    const { appointmentId } = await keep({ said: { ...unsaid, language: 'en', contact, channel, note: 'My secret.' } })
    const [event] = events(await fileOf(appointmentId))
    expect(textOf(event, 'ATTENDEE')).toBe('mailto:ada@mail.example')
    expect(textOf(event, 'LOCATION')).toBeUndefined()
    expect(textOf(event, 'DESCRIPTION')).toBe('By telephone\nBring with you:\n- A photo; recent')
    expect(JSON.stringify(event)).not.toContain('secret')
  })

  it('lists what a preparation found that the person brings', async () => {
    const preparation = {
      preparedAtMs: startMs,
      had: [],
      notObtained: [],
      toBring: [{ title: { fr: 'Un revenu', en: 'An income' }, routes: [] }],
    }
    const { appointmentId } = await keep({ said: { ...unsaid, language: 'fr', preparation } })
    expect(textOf(events(await fileOf(appointmentId))[0], 'DESCRIPTION')).toBe('À apporter :\n- Un revenu')
  })

  it('tells nobody where a protected person will be', async () => {
    const hidden = someone()
    const { appointmentId } = await keep({ subject: hidden })
    await agency.postgres.transaction((tx) => agency.protectedSubjects.protect(tx, [hidden], startMs + 90 * dayMs))
    const { icalendar } = await getCalendarFile(agency).handle({ appointmentId, secret: undefined }, system())
    expect(icalendar).not.toMatch(/Mairie|République|Rethel|LOCATION/)
    expect(textOf(events(calendarIn(icalendar))[0], 'SUMMARY')).toBe('Carte d’identité')
  })

  it('writes the second of two same hours in UTC, which no clock shows twice', async () => {
    const startsAtMs = Date.parse('2027-10-31T01:30:00Z')
    const { appointmentId } = await keep({ startsAtMs, endsAtMs: startsAtMs + hourMs })
    const [event] = events(await fileOf(appointmentId))
    expect(textOf(event, 'DTSTART')).toBe('20271031T013000Z')
    expect(textOf(event, 'DTEND')).toBe('20271031T033000')
  })
})

/** Effects run in a transaction, as the door runs them. */
const create = (practitionerId: string) =>
  agency.postgres.transaction((tx) => createFeed(agency).effect({ practitionerId }, system(), tx))
const read = async (secret: string): Promise<Component> =>
  calendarIn((await readFeed(agency).handle({ secret }, atGateway())).icalendar)

describe('a feed', () => {
  it('is refused for who is no practitioner, and a secret that nobody was given', async () => {
    await expect(create('nobody')).rejects.toMatchObject({ reason: 'PRACTITIONER_UNKNOWN' })
    await expect(read('a'.repeat(43))).rejects.toMatchObject({ reason: 'FEED_UNKNOWN' })
    await expect(endFeed(agency).handle({ feedId: randomUUID() }, system())).rejects.toMatchObject({
      reason: 'FEED_UNKNOWN',
    })
  })

  it('answers no more once it was ended, while another one of the same practitioner does', async () => {
    const [one, two] = [await create('ada'), await create('ada')]
    await endFeed(agency).handle({ feedId: one.feedId }, system())
    await expect(read(one.secret)).rejects.toMatchObject({ reason: 'FEED_UNKNOWN' })
    await expect(endFeed(agency).handle({ feedId: one.feedId }, system())).rejects.toMatchObject({
      reason: 'FEED_UNKNOWN',
    })
    expect(events(await read(two.secret))).toEqual([])
  })

  it('keeps no secret', async () => {
    const { secret } = await create('ada')
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    const { rows } = await agency.postgres.query<{ kept: string }>(
      'SELECT calendar_feed::text AS kept FROM calendar_feed',
    )
    expect(rows[0]?.kept).not.toContain(secret)
  })

  it('shows what stands from 30 days ago to 366 days ahead, for what and by which code, and names nobody and no place', async () => {
    const at = (days: number) => ({ startsAtMs: startMs + days * dayMs, endsAtMs: startMs + days * dayMs + hourMs })
    const contact = { way: 'email', address: 'ada@mail.example' }
    const shown = [await keep(at(-29)), await keep({ ...at(1), said: { ...unsaid, contact } }), await keep(at(365))]
    await keep(at(-31))
    await keep(at(367))
    await keep({ ...at(2), state: 'cancelled' })
    await keep({ ...at(3), state: 'held', heldUntilMs: startMs + hourMs })
    await keep({ ...at(4), practitionerNo: undefined })
    const { secret } = await create('ada')
    const feed = await read(secret)
    expect(textOf(feed, 'METHOD')).toBe('PUBLISH')
    expect(events(feed).map((each) => [textOf(each, 'UID'), textOf(each, 'SUMMARY')])).toEqual(
      shown.map(({ appointmentId }) => [
        `${appointmentId}@hall.unefois`,
        `Carte d’identité ${appointmentId.slice(0, 4)}`,
      ]),
    )
    expect(JSON.stringify(feed)).not.toMatch(/ada@|Rethel|Mairie|LOCATION|ATTENDEE/)
  })

  it('shows the soonest of more than one message holds', async () => {
    const { secret } = await create('ada')
    const { practitioners } = await agency.book.current()
    await agency.postgres.query(
      `INSERT INTO appointment (appointment_id, subject, service_type_id, schedule_no, place_id, practitioner_no, starts_at_ms,
                                ends_at_ms, state, revision, motive, is_by_person, content, delete_after_ms)
       SELECT gen_random_uuid(), '', 'id-card', 1, 'hall', $1, $2::bigint + n * 600000, $2::bigint + n * 600000 + 60000, 'booked', 1, '', false, '', 0
       FROM generate_series(-1500, 1500) AS n`,
      [practitioners.get('ada')?.no, startMs],
    )
    const { icalendar } = await readFeed(agency).handle({ secret }, atGateway())
    expect(Buffer.byteLength(icalendar)).toBeLessThan(256_000)
    const shown = events(calendarIn(icalendar)).map((each) => textOf(each, 'DTSTART') ?? '')
    expect(shown.length).toBeGreaterThan(500)
    expect(shown[0]).toBe('20261123T070000')
    expect(shown).toEqual(shown.toSorted())
  })
})
