import { type Served, served } from '@unefois/chassis/service'
import { SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { AppointmentsContext } from '../context.js'
import { findCommunes } from '../rpc/find-communes.js'
import { searchSlots } from '../rpc/search-slots.js'

/** A further contract of the appointments service. */
export const slotService = (needs: AppointmentsContext): Served =>
  served(SlotServiceDefinition, { searchSlots: searchSlots(needs), findCommunes: findCommunes(needs) })
