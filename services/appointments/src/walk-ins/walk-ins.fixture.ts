import type { Call, EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
import type { PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type {
  ListTicketsRequest,
  RequestCallbackRequest,
  TakeTicketRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { person, someone, system } from '../agency.fixture.js'
import { openDesk } from '../desk.fixture.js'
import { callNextTicket } from '../rpc/call-next-ticket.js'
import { closeTicket } from '../rpc/close-ticket.js'
import { listCallbacks } from '../rpc/list-callbacks.js'
import { listTickets } from '../rpc/list-tickets.js'
import { recordCall } from '../rpc/record-call.js'
import { requestCallback } from '../rpc/request-callback.js'
import { takeTicket } from '../rpc/take-ticket.js'

/** A desk for people who come without an appointment, or want to be called. */
export const openWalkInDesk = async (calendar: Partial<PublishCalendarRequest> = {}) => {
  const desk = await openDesk(calendar)
  const { agency } = desk
  const effect =
    <Req, Res>(rpc: EffectRpc<Req, Res>) =>
    async (request: Req, call: Call = system()): Promise<Res> => {
      rpc.request.parse(request)
      return desk.inTransaction((tx) => rpc.effect(request, call, tx))
    }
  const plain =
    <Req, Res>(rpc: PlainRpc<Req, Res>) =>
    async (request: Req, call: Call = system()): Promise<Res> => {
      rpc.request.parse(request)
      return rpc.handle(request, call)
    }
  const taking = effect(takeTicket(agency))
  const calling = effect(callNextTicket(agency))
  const closing = effect(closeTicket(agency))
  const requesting = effect(requestCallback(agency))
  const listing = plain(listTickets(agency))
  const there = <T>(what: T | undefined): T => {
    if (!what) throw new Error('nothing was answered')
    return what
  }
  return {
    ...desk,
    takeTicket: async (change: Partial<TakeTicketRequest> = {}, call?: Call) =>
      there((await taking({ placeId: 'hall', serviceTypeId: 'id-card', subject: '', ...change }, call)).ticket),
    callNext: async (practitionerId = 'ada', by?: Hand, call?: Call) =>
      (await calling({ practitionerId, by }, call)).ticket,
    closeTicket: async (ticketId: string, outcome: 'seen' | 'left', call?: Call) =>
      there((await closing({ ticketId, isSeen: outcome === 'seen' }, call)).ticket),
    /** Of the hall, open ones alone. */
    listTickets: (change: Partial<ListTicketsRequest> = {}, call?: Call) =>
      listing({ placeId: 'hall', withClosed: false, pageSize: 0, pageToken: '', ...change }, call),
    requestCallback: async (change: Partial<RequestCallbackRequest> = {}, call?: Call) => {
      const subject = change.subject ?? someone()
      const usual = {
        subject,
        serviceTypeId: 'id-card',
        placeId: '',
        telephone: '+33612345678',
        about: '',
        language: 'fr',
      }
      return there((await requesting({ ...usual, ...change }, call ?? person(subject))).callback)
    },
    listCallbacks: plain(listCallbacks(agency)),
    recordCall: effect(recordCall(agency)),
  }
}
export type WalkInDesk = Awaited<ReturnType<typeof openWalkInDesk>>

/** With what something was refused; undefined where it was not. */
export const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error,
  )
