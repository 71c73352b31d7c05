import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { ApplicationEvent, ApplicationEventType } from '@unefois/proto/gen/unefois/eligibility/v1/application_events'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import type { AgencyEventType } from '../domain/agency-event.js'
import { addAgencyEvent } from '../store/agency-events.js'

const said = z.object({
  type: z.number(),
  applicationId: z.uuid(),
  reviewId: z.union([z.uuid(), z.literal('')]),
  atMs: z.number().int().positive(),
})

const types = new Map<number, AgencyEventType>([
  [ApplicationEventType.APPLICATION_EVENT_TYPE_RECEIVED, 'application-received'],
  [ApplicationEventType.APPLICATION_EVENT_TYPE_CHANGED, 'application-changed'],
  [ApplicationEventType.APPLICATION_EVENT_TYPE_DECIDED, 'application-decided'],
  [ApplicationEventType.APPLICATION_EVENT_TYPE_REVIEW_OPENED, 'review-opened'],
])

/** What the agency's own eligibility service tells of applications joins the one feed that the agency reads. */
export const onApplicationEvent = ({ runtime }: Pick<DocumentsContext, 'runtime'>): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'eligibility',
  apply: async (received, tx) => {
    const event = said.safeParse(readEvent(ApplicationEvent, received)).data
    const type = event && types.get(event.type)
    // A type of a later version is confirmed and forgotten: refusing it would hold up every event behind it.
    if (!type) return runtime.log.warn('an event of an application makes no sense')
    await addAgencyEvent(tx, type, event.reviewId || event.applicationId, event.atMs)
  },
})
