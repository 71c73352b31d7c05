import type { AppointmentsContext } from '../context.js'
import { Pledges } from '../store/pledges.js'
import { Visits } from '../store/visits.js'

/** What the RPCs, events and chores of visits need. */
export interface VisitNeeds extends AppointmentsContext {
  readonly visits: Visits
  readonly pledges: Pledges
}

export const visitNeeds = (context: AppointmentsContext): VisitNeeds => ({
  ...context,
  visits: new Visits({ postgres: context.runtime.postgres, fileKeys: context.fileKeys }),
  pledges: new Pledges(context.runtime.postgres),
})
