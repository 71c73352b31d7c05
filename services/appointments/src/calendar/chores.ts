import type { ServiceParts } from '@unefois/chassis/service'
import type { AppointmentsServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { AppointmentsContext } from '../context.js'
import { markSuspected } from '../search/fullness.js'
import type { ServingNeeds } from '../waiting/needs.js'
import { extendOpenings, renewOpenings } from './extend-openings.js'

type Needs = ServingNeeds & Pick<AppointmentsContext, 'calendars'>
type Chores = NonNullable<ServiceParts<typeof AppointmentsServiceDefinition>['chores']>

const extendMs = 60_000
const renewMs = 600_000
const markFullMs = 2000

/** What keeps the openings of the calendar as they should be while nobody publishes. */
export const calendarChores = (needs: Needs): Chores => [
  { everyMs: extendMs, run: () => extendOpenings(needs) },
  { everyMs: renewMs, run: () => renewOpenings(needs) },
  { everyMs: markFullMs, run: () => markSuspected(needs) },
]
