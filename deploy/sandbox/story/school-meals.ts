import { logInAt } from '../log-in.js'
import { Visitor } from '../visitor.js'
import { type Applied, applied } from './applied.js'
import type { Cast } from './cast.js'
import { recordNotice } from './scenes.js'

export interface SchoolMeals extends Applied {
  readonly basisId: string
  readonly noticeOffersConsent: boolean
  readonly shownOnPage: boolean
}

/**
 * The person is told, at her town's own page, and goes on. Then an agent at the counter deposits her application, and the
 * town's own software has it examined: what the rule still needs is asked of the provider, and nothing of her.
 */
export const schoolMeals = async (cast: Cast): Promise<SchoolMeals> => {
  const { places, script, person, pseudonym } = cast
  const { purpose } = script.information
  const visitor = new Visitor()
  const notice = await logInAt(visitor, places.origin(script.requester), person.login ?? '', `/procedures/${purpose}`)
  const shown = await visitor.send(notice, `/procedures/${purpose}/notice`)
  const subject = pseudonym(script.person)
  const basisId = await recordNotice(cast, subject, purpose)
  const found = await applied(cast, subject, basisId)
  const numbers = Object.values(found.told).filter((value) => typeof value === 'number')
  return {
    basisId,
    noticeOffersConsent: /consent-request/.test(notice.text),
    shownOnPage: numbers.every((value) => shown.text.includes(String(value))),
    ...found,
  }
}
