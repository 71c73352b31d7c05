import type { Call, EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
import type { PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import {
  type JoinWaitingListRequest,
  type Waiting,
  WaitingState,
} from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { person, someone } from '../agency.fixture.js'
import { openDesk } from '../desk.fixture.js'
import { answerOffer } from '../rpc/answer-offer.js'
import { joinWaitingList } from '../rpc/join-waiting-list.js'
import { leaveWaitingList } from '../rpc/leave-waiting-list.js'
import { listWaiting } from '../rpc/list-waiting.js'

/** What somebody waits for on the test's Monday, unless a test says otherwise. */
export const wished = (change: Partial<Waiting> = {}): Waiting => ({
  waitingId: '',
  subject: someone(),
  serviceTypeId: 'id-card',
  placeIds: [],
  channel: 0,
  fromDay: '2026-11-23',
  toDay: '2026-11-23',
  booksByItself: false,
  offerMinutes: 0,
  needs: undefined,
  contact: { way: 'none', address: '' },
  language: 'fr',
  state: WaitingState.WAITING_STATE_UNSPECIFIED,
  sinceMs: 0,
  appointmentId: '',
  slot: undefined,
  offeredUntilMs: 0,
  mandate: undefined,
  ...change,
})

/** A desk with its waiting list, where people act by their own token unless a test says otherwise. */
export const openWaitingDesk = async (calendar: Partial<PublishCalendarRequest> = {}) => {
  const desk = await openDesk(calendar)
  const effect =
    <Req, Res>(rpc: EffectRpc<Req, Res>) =>
    async (request: Req, call: Call): Promise<Res> => {
      rpc.request.parse(request)
      return desk.inTransaction((tx) => rpc.effect(request, call, tx))
    }
  const plain =
    <Req, Res>(rpc: PlainRpc<Req, Res>) =>
    async (request: Req, call: Call): Promise<Res> => {
      rpc.request.parse(request)
      return rpc.handle(request, call)
    }
  const joining = effect(joinWaitingList(desk.agency))
  const answer = effect(answerOffer(desk.agency))
  const leave = effect(leaveWaitingList(desk.agency))
  return {
    ...desk,
    join: async (
      change: Partial<Waiting> = {},
      call?: Call,
      also: Omit<JoinWaitingListRequest, 'waiting'> = {},
    ): Promise<Waiting> => {
      const waiting = wished(change)
      const joined = await joining({ waiting, ...also }, call ?? person(waiting.subject))
      if (!joined.waiting) throw new Error('nobody joined')
      return joined.waiting
    },
    answer,
    take: ({ waitingId, subject }: Waiting) => answer({ waitingId, isTaken: true }, person(subject)),
    decline: ({ waitingId, subject }: Waiting) => answer({ waitingId, isTaken: false }, person(subject)),
    leave: ({ waitingId, subject }: Waiting, call?: Call) => leave({ waitingId }, call ?? person(subject)),
    leaveBy: leave,
    listWaiting: plain(listWaiting(desk.agency)),
    /** How a waiting stands by now. */
    stands: async ({ waitingId }: Waiting) => {
      const kept = await desk.waiting.get(waitingId)
      if (!kept) throw new Error('the waiting was deleted')
      return kept
    },
  }
}
export type WaitingDesk = Awaited<ReturnType<typeof openWaitingDesk>>
