import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { AppointmentsServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { subjectConsumers } from '@unefois/subjects/consumers'
import { everybodyReady } from '@unefois/subjects/subjects'
import { appointmentChores } from './appointment/chores.js'
import { appointmentRpcs } from './appointment/rpcs.js'
import { calendarChores } from './calendar/chores.js'
import { calendarService } from './calendar/service.js'
import type { AppointmentsConfig } from './config.js'
import { fromConfig } from './context.js'
import { protectionConsumers } from './events/on-subject-protected.js'
import { hubChores } from './hub/chores.js'
import { slotService } from './search/service.js'
import { visitChores } from './visits/chores.js'
import { visitConsumers, visitService } from './visits/service.js'
import { waitingChores } from './waiting/chores.js'
import { waitingService } from './waiting/service.js'
import { callbackService } from './walk-ins/callback-service.js'
import { walkInChores } from './walk-ins/chores.js'
import { walkInService } from './walk-ins/service.js'

/** How often a part of a move to another epoch of pseudonyms is made, while one is under way. */
const moveMs = 1000

/** Starts one appointments instance of one member. */
export const startAppointments = async (
  config: AppointmentsConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  return startService(context.runtime, config, {
    definition: AppointmentsServiceDefinition,
    implementation: appointmentRpcs(context),
    further: [
      calendarService(context),
      slotService(context),
      waitingService(context),
      walkInService(context),
      callbackService(context),
      visitService(context),
    ],
    consumers: {
      ...subjectConsumers(context.subjects, context.runtime.clock),
      ...protectionConsumers(context),
      ...visitConsumers(context),
    },
    prepare: everybodyReady(context.subjects, () => undefined),
    chores: [
      { everyMs: moveMs, run: () => context.subjects.moveOn() },
      ...calendarChores(context),
      ...appointmentChores(context),
      ...hubChores(context),
      ...waitingChores(context),
      ...walkInChores(context),
      ...visitChores(context),
    ],
  })
}
