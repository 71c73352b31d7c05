import { parisDay } from '@unefois/chassis/clock'
import { dayAt } from './application-changes.js'
import type { AfterExamination, ApplicationNeeds, IsAppealable } from './application-needs.js'
import type { DecisionNeeds } from './decision-needs.js'
import { clockOf } from './domain/application-clock.js'
import { grantByItself } from './grant-by-itself.js'

/** Grants what a procedure grants by itself, once an examination told everything that it needs. */
export const afterExamination =
  (needs: DecisionNeeds, { applications }: Pick<ApplicationNeeds, 'applications'>): AfterExamination =>
  async (tx, { kept, procedure }) => {
    const { application } = kept
    const clock = clockOf(application, procedure, parisDay(needs.runtime.clock), dayAt)
    const decision = await grantByItself(needs, tx, { ...application, clock })
    if (!decision) return kept
    return (await applications.lock(tx, application.applicationId)) ?? kept
  }

/** An appeal is made against a decision that this agency issued to the same person by the same procedure, and still keeps. */
export const isAppealable =
  ({ decisions }: Pick<DecisionNeeds, 'decisions'>): IsAppealable =>
  (tx, decision) =>
    decisions.isIssuedTo(tx, decision)
