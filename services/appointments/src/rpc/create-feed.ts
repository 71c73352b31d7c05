import type { EffectRpc } from '@unefois/chassis/rpc'
import type { CreateFeedRequest, CreateFeedResponse } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentsContext } from '../context.js'
import { calendarId } from './appointment-fields.js'

/** The secret is answered once. Error: PRACTITIONER_UNKNOWN. */
export const createFeed = ({
  runtime,
  book,
  feeds,
}: Pick<AppointmentsContext, 'runtime' | 'book' | 'feeds'>): EffectRpc<CreateFeedRequest, CreateFeedResponse> => ({
  request: z.object({ practitionerId: calendarId }),
  effect: async ({ practitionerId }, _call, tx) => {
    const practitioner = (await book.current(tx)).practitioners.get(practitionerId)
    if (!practitioner) throw new MeshError('PRACTITIONER_UNKNOWN')
    return feeds.create(tx, practitioner.no, runtime.clock.nowMs())
  },
})
