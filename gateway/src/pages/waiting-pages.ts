import { WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { MeshError, reasons, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { calendarId, meetingChannel } from '../rest/calendar-schemas.js'
import { channelAsked } from '../rest/calendar-views.js'
import { waitingIn } from '../rest/waiting-views.js'
import { ownCall } from './application-reading.js'
import { formKey } from './booking-acts.js'
import { contactSaid, needsSaid, nothingSaid, refusedSaid, saidFields, saidIn } from './booking-form.js'
import { offeredNamed } from './booking-reading.js'
import { noFaults } from './form-fields.js'
import { html } from './html.js'
import { localFormOf } from './local-times.js'
import type { PageDoor } from './page-door.js'
import { plainWordsOf } from './plain-words.js'
import { typeset } from './typography.js'
import type { Page, PersonalVisit, Visit } from './visit.js'
import { reachedChannels, type Wished, waitFaults, waitPage } from './waiting-form.js'

const day = z.string().max(20)

const refusedDays: Readonly<Record<string, readonly [string, string]>> = {
  RANGE_INVERTED: ['Ce jour est avant le premier', 'This day is before the first'],
  RANGE_TOO_LONG: ['C’est trop loin : un an au plus', 'That is too far: one year at most'],
  TIME_PASSED: ['Ce jour est passé', 'This day has passed'],
}

const alreadyWaiting = ({ say, language }: Visit): Page => {
  const { title, next } = plainWordsOf('ALREADY_WAITING', language)
  return {
    title: typeset(title),
    status: reasons.ALREADY_WAITING.http,
    body: html`<p class="lead">${typeset(next)}</p><p><a class="button" href="/appointments#waiting">${say('Voir ce que j’attends', 'See what I wait for')}</a></p>`,
  }
}

/** Waiting for a slot to become free, and answering what is offered. */
export const addWaitingPages = (door: PageDoor): void => {
  const { waitingList } = door.context.neighbours

  door.showPersonal('/book/:id/wait', async (visit) => {
    const today = localFormOf(door.context.clock.nowMs(), 'Europe/Paris').slice(0, 10)
    const wished: Wished = { from: today, to: '', place: '', channel: '', how: '', said: nothingSaid() }
    return waitPage(visit, await offeredNamed(door, visit, visit.params.id), wished, noFaults)
  })

  const fields = {
    key: formKey,
    from: day.default(''),
    to: day.default(''),
    place: calendarId.or(z.literal('')).default(''),
    channel: meetingChannel.or(z.literal('')).default(''),
    how: z.string().max(10).default(''),
    ...saidFields,
  }
  door.submit('/book/:id/wait', fields, async (visit, sent) => {
    const offered = await offeredNamed(door, visit, visit.params.id)
    const { from, to, place, channel, how } = sent
    const wished = { from, to, place, channel, how, said: saidIn(sent) }
    const faults = waitFaults(visit, wished, offered.serviceType)
    if (faults.size > 0) return waitPage(visit, offered, wished, faults)
    try {
      const { appointmentId, state } = waitingIn(
        await waitingList.joinWaitingList(
          {
            waiting: {
              waitingId: '',
              subject: visit.person.subject,
              serviceTypeId: offered.serviceType.serviceTypeId,
              placeIds: place === '' ? [] : [place],
              channel: channelAsked(channel === '' ? undefined : channel),
              fromDay: from,
              toDay: to,
              booksByItself: how === 'book',
              offerMinutes: 0,
              needs: needsSaid(wished.said),
              contact: contactSaid(wished.said, reachedChannels(wished, offered.serviceType)),
              language: visit.language,
              state: WaitingState.WAITING_STATE_UNSPECIFIED,
              sinceMs: 0,
              appointmentId: '',
              slot: undefined,
              offeredUntilMs: 0,
            },
            by: undefined,
            mandate: undefined,
          },
          { ...ownCall(visit), idempotencyKey: sent.key },
        ),
      )
      const isBooked = state === 'booked' && appointmentId !== null
      return { redirectTo: isBooked ? `/appointments/${appointmentId}?done=booked` : '/appointments#waiting' }
    } catch (thrown) {
      const error = toMeshError(thrown)
      if (error.reason === 'ALREADY_WAITING') return alreadyWaiting(visit)
      const days = refusedDays[error.reason]
      const refused = days ? new Map([['to', visit.say(...days)]]) : refusedSaid(visit, error)
      if (refused) return waitPage(visit, offered, wished, refused)
      throw thrown
    }
  })

  const waitingIdOf = ({ params }: Visit): string => {
    const read = z.uuid().safeParse(params.id)
    if (!read.success) throw new MeshError('WAITING_UNKNOWN')
    return read.data
  }
  const answer = (isTaken: 'taken' | 'left') => async (visit: PersonalVisit, sent: { readonly key: string }) => {
    const { appointment } = await waitingList.answerOffer(
      { waitingId: waitingIdOf(visit), isTaken: isTaken === 'taken', by: undefined, mandate: undefined },
      { ...ownCall(visit), idempotencyKey: sent.key },
    )
    return {
      redirectTo: appointment ? `/appointments/${appointment.appointmentId}?done=booked` : '/appointments#waiting',
    }
  }
  door.submit('/waiting/:id/take', { key: formKey }, answer('taken'))
  door.submit('/waiting/:id/decline', { key: formKey }, answer('left'))
  door.submit('/waiting/:id/leave', { key: formKey }, async (visit, sent) => {
    const call = { ...ownCall(visit), idempotencyKey: sent.key }
    await waitingList.leaveWaitingList({ waitingId: waitingIdOf(visit), by: undefined, mandate: undefined }, call)
    return { redirectTo: '/appointments' }
  })
}
