import type { Consumers } from '@unefois/chassis/inbox'
import { type Served, served } from '@unefois/chassis/service'
import { VisitServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import type { AppointmentsContext } from '../context.js'
import { onVisitEnded } from '../events/on-visit-ended.js'
import { onVisitLegCancelled } from '../events/on-visit-leg-cancelled.js'
import { bookVisit } from '../rpc/book-visit.js'
import { cancelVisit } from '../rpc/cancel-visit.js'
import { getVisit } from '../rpc/get-visit.js'
import { getVisitOutcome } from '../rpc/get-visit-outcome.js'
import { listVisitOffers } from '../rpc/list-visit-offers.js'
import { offerVisitServices } from '../rpc/offer-visit-services.js'
import { offerVisitSlots } from '../rpc/offer-visit-slots.js'
import { pledgeSlot } from '../rpc/pledge-slot.js'
import { searchVisits } from '../rpc/search-visits.js'
import { visitEndedType, visitLegCancelledType } from './events.js'
import { visitNeeds } from './needs.js'

/** Visits to several agencies, as a further contract of the appointments service. */
export const visitService = (context: AppointmentsContext): Served => {
  const needs = visitNeeds(context)
  return served(VisitServiceDefinition, {
    listVisitOffers: listVisitOffers(needs),
    searchVisits: searchVisits(needs),
    bookVisit: bookVisit(needs),
    getVisit: getVisit(needs),
    cancelVisit: cancelVisit(needs),
    offerVisitServices: offerVisitServices(needs),
    offerVisitSlots: offerVisitSlots(needs),
    pledgeSlot: pledgeSlot(needs),
    getVisitOutcome: getVisitOutcome(needs),
  })
}

/** What the appointments services of members tell each other of visits. */
export const visitConsumers = (context: AppointmentsContext): Consumers => {
  const needs = visitNeeds(context)
  return { [visitEndedType]: onVisitEnded(needs), [visitLegCancelledType]: onVisitLegCancelled(needs) }
}
