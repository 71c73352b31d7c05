import { type Served, served } from '@unefois/chassis/service'
import { WaitingListServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { answerOffer } from '../rpc/answer-offer.js'
import { joinWaitingList } from '../rpc/join-waiting-list.js'
import { leaveWaitingList } from '../rpc/leave-waiting-list.js'
import { listWaiting } from '../rpc/list-waiting.js'
import type { WaitingNeeds } from './needs.js'

/** A further contract of the appointments service. */
export const waitingService = (needs: WaitingNeeds): Served =>
  served(WaitingListServiceDefinition, {
    joinWaitingList: joinWaitingList(needs),
    listWaiting: listWaiting(needs),
    answerOffer: answerOffer(needs),
    leaveWaitingList: leaveWaitingList(needs),
  })
