import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { handShown } from '@unefois/proto/hand'

/** An application as its person reads it: of agents whose names are withheld for safety, the capacity alone (CRPA L111-2). */
export const shownToPerson = (application: Application): Application => ({
  ...application,
  depositedBy: handShown(application.depositedBy),
  corrections: application.corrections.map((each) => ({ ...each, by: handShown(each.by) })),
  messages: application.messages.map((each) => ({ ...each, from: handShown(each.from) })),
})
