import { parisDay } from '@unefois/chassis/clock'
import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { MandateShown, Secret } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { handOf, type NamedHand } from '@unefois/proto/hand'
import { MeshError } from '@unefois/proto/reasons'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { invalid, preApplicationInvalid, requireNone } from '../appointment/refusals.js'
import { type BookingWay, bookerRefusal } from '../domain/booking-rules.js'
import { mandateRefusal } from '../domain/mandate.js'
import type { Meeting } from '../domain/meeting.js'
import { isPreApplication } from '../domain/pre-applications.js'
import type { BookingLink } from '../store/booking-links.js'
import { sha256Of } from './secret.js'

/** Who books: for whom, by which way and by whose hand. */
export interface BookingParty {
  readonly way: BookingWay
  /** Empty for somebody without an account. */
  readonly subject: string
  readonly hand: Hand
  readonly link?: BookingLink
  readonly preApplication?: string
  /** Of the secret by which somebody without an account holds and books. */
  readonly secretSha256?: Buffer
}

/** What a request says of who acts. */
export interface PartySaid {
  readonly subject: string
  readonly by?: Hand | undefined
  readonly secret?: Secret | undefined
}

const personsHand: Hand = { who: { $case: 'person', value: true } }

/** Whose hand it was. Error: APPOINTMENT_INVALID naming what is missing of the name. */
export const handBehind = (
  { caller }: Pick<Call, 'caller'>,
  by: Hand | undefined,
  allowed: readonly NamedHand[],
): Hand => {
  const hand = handOf(caller.kind === 'person' ? 'person' : 'system', by, allowed)
  if ('field' in hand) throw invalid(hand)
  return hand
}

/** By which way a hand that is no secret's comes. */
export const wayOf = ({ who }: Hand): 'person' | 'agent' | 'helper' =>
  who?.$case === 'agent' || who?.$case === 'helper' ? who.$case : 'person'

/** Under what somebody without an account holds a slot: a link, or a pre-application, whose numbers are few and mean something. */
export const heldSha256Of = (secret: Secret | undefined): Buffer | undefined => {
  if (secret?.of?.$case === 'link') return sha256Of(secret.of.value)
  return secret?.of?.$case === 'preApplication' ? sha256Of(`pre-application ${secret.of.value}`) : undefined
}

const withoutAccount = async (
  { runtime, bookingLinks }: Pick<AppointmentNeeds, 'runtime' | 'bookingLinks'>,
  { subject, by, secret }: PartySaid,
  db: Queryable,
): Promise<BookingParty> => {
  if (subject !== '') throw invalid({ field: 'subject', what: 'is empty with a secret' })
  if (by?.who) throw invalid({ field: 'by', what: 'is empty with a secret' })
  const shown = secret?.of
  const secretSha256 = heldSha256Of(secret)
  if (!secretSha256) throw new MeshError('BOOKING_NOT_ALLOWED')
  if (shown?.$case === 'link') {
    const link = await bookingLinks.open(secretSha256, runtime.clock.nowMs(), db)
    if (!link) throw new MeshError('BOOKING_LINK_UNKNOWN')
    return { way: 'link', subject: link.subject, hand: personsHand, link, secretSha256 }
  }
  const preApplication = shown?.value ?? ''
  if (!isPreApplication(preApplication))
    throw preApplicationInvalid({ field: 'secret.preApplication', what: 'is 10 of A-Z and 0-9' })
  return { way: 'pre-application', subject: '', hand: personsHand, preApplication, secretSha256 }
}

/**
 * Who holds or books by a request. Errors: CALLER_NOT_ALLOWED for a person who names another, APPOINTMENT_INVALID,
 * BOOKING_LINK_UNKNOWN, PRE_APPLICATION_INVALID, BOOKING_NOT_ALLOWED without any right.
 */
export const bookingParty = async (
  needs: Pick<AppointmentNeeds, 'runtime' | 'bookingLinks'>,
  said: PartySaid,
  { caller }: Pick<Call, 'caller'>,
  db: Queryable,
): Promise<BookingParty> => {
  if (caller.kind === 'neighbour') return withoutAccount(needs, said, db)
  if (said.secret?.of) throw invalid({ field: 'secret', what: 'is empty: your token says who you are' })
  if (caller.kind === 'person' && caller.subject !== said.subject) throw new MeshError('CALLER_NOT_ALLOWED')
  const hand = handBehind({ caller }, said.by, ['agent', 'helper'])
  return { way: wayOf(hand), subject: said.subject, hand }
}

/** Error: MANDATE_MISSING, MANDATE_ENDED, APPOINTMENT_INVALID for one that is shown by nobody who helps. */
export const requireMandate = (
  { runtime }: Pick<AppointmentNeeds, 'runtime'>,
  way: BookingWay,
  mandate: MandateShown | undefined,
  { needsMandate }: Pick<ServiceType, 'needsMandate'>,
): void => {
  if (way !== 'helper') {
    if (mandate) throw invalid({ field: 'mandate', what: 'is empty where no helper acts' })
    return
  }
  const refusal = mandateRefusal(mandate, { needsMandate, today: parisDay(runtime.clock) })
  if (typeof refusal === 'object') throw invalid(refusal)
  requireNone(refusal)
}

/**
 * Whether a service type is booked by this way at all. Errors: SERVICE_TYPE_UNKNOWN, URGENT_SEEN_TODAY, BOOKING_NOT_ALLOWED,
 * MANDATE_MISSING, MANDATE_ENDED, APPOINTMENT_INVALID for another one than that of the link.
 */
export const requireBookable = (
  needs: Pick<AppointmentNeeds, 'runtime' | 'hubCheck'>,
  type: ServiceType,
  party: BookingParty,
  { mandate, field }: { readonly mandate: MandateShown | undefined; readonly field: string },
): void => {
  requireNone(bookerRefusal(type, party.way))
  // Who may say that a pre-application is validated is the hub alone.
  const isAskable = needs.hubCheck !== undefined && type.hubReasons.length > 0
  if (party.way === 'pre-application' && !isAskable) throw new MeshError('BOOKING_NOT_ALLOWED')
  if (party.link && party.link.serviceTypeId !== type.serviceTypeId)
    throw invalid({ field: `${field}.serviceTypeId`, what: 'is the one of the link' })
  requireMandate(needs, party.way, mandate, type)
}

/** Error: APPOINTMENT_INVALID for a place that the link does not name. */
export const requireOfLink = ({ link }: BookingParty, { schedule }: Pick<Meeting, 'schedule'>, field: string): void => {
  const placeIds = link?.placeIds ?? []
  if (placeIds.length > 0 && !placeIds.includes(schedule.schedule.placeId))
    throw invalid({ field: `${field}.scheduleId`, what: 'is of a place of the link' })
}
