import { z } from 'zod'
import { bilingual, memberId, name } from './schemas.js'

// Documented shapes of an agency's calendar: where, with whom, for what and when somebody can be seen. Words are FHIR's.

export const calendarId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .meta({ description: 'The agency’s own id: 1 to 64 of a-z, 0-9 and "-".' })
export const localDay = z.iso.date().meta({ description: 'A local day of the place.' })
export const meetingChannel = z.enum(['counter', 'telephone', 'video', 'home-visit'])
export const accessibility = z.enum(['wheelchair', 'hearing-loop', 'tactile-path', 'quiet-room'])
export const booker = z.enum(['anybody', 'person', 'agent'])
export const languageTag = z
  .string()
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/)
  .max(35)
  .meta({ description: 'BCP 47; `fsl` is French sign language.' })

const words = z.strictObject({ fr: z.string().min(1).max(1000), en: z.string().min(1).max(1000) })
const line = z.string().max(300)
const count = z.number().int().min(0)

export const place = z
  .strictObject({
    placeId: calendarId,
    title: words,
    address: line.default(''),
    postCode: line.default(''),
    city: line.default(''),
    commune: line.default('').meta({ description: 'INSEE code.' }),
    latitude: z.number().default(0).meta({ description: 'WGS 84, in degrees.' }),
    longitude: z.number().default(0),
    zone: z.string().min(1).max(64).meta({ description: 'IANA time zone, as `Indian/Reunion`.' }),
    sharedPlace: line.default('').meta({
      description: 'Public id of a house that several agencies share: one visit to several of them is made there.',
    }),
    accessibility: z.array(accessibility).default([]),
    telephone: line.default(''),
    website: line.default(''),
    isConfidential: z
      .boolean()
      .default(false)
      .meta({ description: 'The address is told only to who has an appointment there, and in no search.' }),
  })
  .meta({ id: 'Place', description: 'Where people are seen (FHIR: Location).' })

const resourceNamed = { resourceId: calendarId, placeId: calendarId }
export const resource = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...resourceNamed,
      kind: z.literal('practitioner'),
      agentId: z.string().min(1).max(128).meta({ description: 'The agency’s own id of the agent.' }),
      firstName: line.default(''),
      lastName: line.default(''),
      capacity: line,
      isUnnamed: z
        .boolean()
        .default(false)
        .meta({ description: 'For a registered reason of safety the person sees the capacity alone (CRPA L111-2).' }),
      languages: z.array(languageTag).default([]),
    }),
    z.strictObject({
      ...resourceNamed,
      kind: z.literal('room'),
      title: words,
      lanes: count.default(1).meta({ description: 'How many meetings it holds at once, 1 to 50.' }),
      accessibility: z.array(accessibility).default([]),
    }),
  ])
  .meta({ id: 'Resource', description: 'Who or what an appointment takes, and no other one at the same time.' })

export const serviceType = z
  .strictObject({
    serviceTypeId: calendarId,
    title: words,
    summary: bilingual.default({ fr: '', en: '' }),
    durationMinutes: count.meta({ description: '5 to 480, for one person or one document.' }),
    gapMinutes: count.default(0).meta({ description: 'Between two appointments, for the practitioner.' }),
    channels: z.array(meetingChannel).min(1),
    booker: booker.meta({ description: 'Who may book by themselves; an agent always may.' }),
    needsMandate: z.boolean().default(false).meta({ description: 'A helper names a mandate of the person.' }),
    motive: line.default('').meta({ description: 'Of a person one appointment is live for each; empty: this id.' }),
    isUrgent: z.boolean().default(false).meta({ description: 'One is seen the same day, without an appointment.' }),
    reservedPercent: count.default(0).meta({
      description:
        'Of the slots, so many in a hundred are kept for people who are accompanied or vulnerable, those of short openings over their days.',
    }),
    reservedUntilHours: count.default(0).meta({
      description:
        'So long before they begin, they are there for all; longer than noticeMinutes where reservedPercent is more than 0.',
    }),
    noticeMinutes: count.default(0).meta({ description: 'A person books at least so long ahead.' }),
    horizonDays: count.default(0).meta({ description: 'And at most so many days; 0: 90.' }),
    changeUntilMinutes: count.default(0).meta({
      description: 'Until how long before it begins a person may move or cancel it by themselves.',
    }),
    reminderHours: z.array(count).default([]),
    holdMinutes: count.default(0).meta({ description: 'How long a slot is held while somebody fills in; 0: 10.' }),
    keptDays: count.default(0).meta({ description: 'How long an appointment is kept after its day; 0: 90.' }),
    procedure: name.or(z.literal('')).default('').meta({ description: 'The agency’s procedure that this is about.' }),
    evidence: z
      .array(z.strictObject({ title: words, evidenceType: name, fields: z.array(z.string().min(1).max(200)) }))
      .default([])
      .meta({ description: 'What is needed beside the fields of the procedure.' }),
    toBring: z.array(words).default([]).meta({ description: 'What nobody can fetch, and is brought.' }),
    visitMembers: z.array(memberId).default([]).meta({
      description: 'The members that may book this for a visit to several agencies.',
    }),
    hubReasons: z.array(line).default([]).meta({ description: 'What the national hub calls it.' }),
    callbackMinutes: count.default(0).meta({ description: 'A callback is due so many working minutes after; 0: 480.' }),
    longestSeries: count.default(0).meta({
      description: 'How many meetings a person may book by themselves at once, as one series; 0: 1.',
    }),
    isRetired: z.boolean().default(false),
  })
  .meta({ id: 'ServiceType', description: 'For what somebody is seen (FHIR: HealthcareService).' })

const hours = z.array(z.strictObject({ from: line, to: line })).meta({
  description: 'Local wall clock, HH:MM; an end that is not after the beginning is on the next day.',
})

export const schedule = z
  .strictObject({
    scheduleId: calendarId,
    placeId: calendarId,
    practitionerId: calendarId.or(z.literal('')).default(''),
    roomId: calendarId.or(z.literal('')).default(''),
    serviceTypeIds: z.array(calendarId).min(1),
    channels: z.array(meetingChannel).min(1),
    firstDay: localDay,
    lastDay: localDay.or(z.literal('')).default(''),
    rrule: z.string().max(500).default('').meta({
      description: 'RFC 5545 RRULE of days, without DTSTART, UNTIL and COUNT; empty: the first day alone.',
    }),
    hours,
    exceptions: z
      .array(z.strictObject({ day: localDay, hours }))
      .default([])
      .meta({ description: 'The hours of one day in the place of those of the rule; none: closed.' }),
    seats: count.default(1).meta({ description: 'How many people come to the same meeting; more than 1 is a group.' }),
    isRetired: z.boolean().default(false),
  })
  .meta({ id: 'Schedule', description: 'When a practitioner or a room, or both, take meetings (FHIR: Schedule).' })

const closureOf = z.union([z.strictObject({ placeId: calendarId }), z.strictObject({ resourceId: calendarId })])
export const closure = z
  .strictObject({
    closureId: calendarId,
    of: closureOf,
    from: z.string().max(30).meta({
      description: 'Local, YYYY-MM-DDTHH:MM; where the clock shows it twice, with its offset.',
    }),
    to: z.string().max(30),
    title: bilingual.default({ fr: '', en: '' }),
    isRetired: z.boolean().default(false),
  })
  .meta({ id: 'Closure', description: 'When nobody is seen although a schedule says so.' })

const told = z.string().nullable()
export const offeredPlace = z.strictObject({
  placeId: z.string(),
  title: bilingual,
  address: told.meta({ description: 'Null where it is confidential.' }),
  postCode: told,
  city: told,
  commune: told,
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  zone: z.string(),
  sharedPlace: told,
  accessibility: z.array(accessibility.or(z.literal('unknown'))),
  telephone: told,
  website: told,
  isConfidential: z.boolean(),
})

export const offeredServiceType = z
  .strictObject({ serviceType, places: z.array(offeredPlace) })
  .meta({ id: 'OfferedServiceType' })
