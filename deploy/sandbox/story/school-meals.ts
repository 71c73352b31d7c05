import { logInAt } from '../log-in.js'
import { Visitor } from '../visitor.js'
import type { Cast } from './cast.js'
import { askForEvidence, recordNotice } from './scenes.js'

export interface SchoolMeals {
  readonly basisId: string
  readonly noticeOffersConsent: boolean
  readonly shownOnPage: boolean
  readonly value: unknown
  readonly isDependant: boolean
}

/**
 * The person is told, at her town's own page, and goes on. Then the town's own software, at the counter, asks the same by
 * gRPC, with the question whether the child is among the dependants.
 */
export const schoolMeals = async (cast: Cast): Promise<SchoolMeals> => {
  const { places, script, person, pseudonym } = cast
  const { purpose, fields, predicate } = script.information
  const visitor = new Visitor()
  const notice = await logInAt(visitor, places.origin(script.requester), person.login ?? '', `/procedures/${purpose}`)
  const shown = await visitor.send(notice, `/procedures/${purpose}/notice`)
  const subject = pseudonym(script.person)
  const basisId = await recordNotice(cast, subject, purpose)
  const { outcome } = await askForEvidence(cast, {
    subject,
    purpose,
    basisId,
    fields,
    predicates: [{ predicate, argumentSubject: pseudonym(script.child) }],
  })
  if (outcome?.$case !== 'evidence') throw new Error(`the provider gave no evidence: ${JSON.stringify(outcome)}`)
  const value = JSON.parse(outcome.value.valueJson) as { quotient_familial?: { valeur?: number } }
  return {
    basisId,
    noticeOffersConsent: /consent-request/.test(notice.text),
    shownOnPage: shown.text.includes(String(value.quotient_familial?.valeur)),
    value,
    isDependant: outcome.value.predicates.some((answer) => answer.predicate === predicate && answer.holds),
  }
}
