import type { Cast } from './cast.js'
import { askForEvidence, recordNotice } from './scenes.js'

export interface Neighbour {
  readonly outcome: string
  readonly routes: readonly string[]
}

/** Somebody whom the provider does not know gets another route, never a refusal. */
export const neighbour = async (cast: Cast): Promise<Neighbour> => {
  const { script, pseudonym } = cast
  const { purpose, fields } = script.information
  const subject = pseudonym(script.unknownToProvider)
  const basisId = await recordNotice(cast, subject, purpose)
  const { outcome } = await askForEvidence(cast, { subject, purpose, basisId, fields, predicates: [] })
  return {
    outcome: outcome?.$case ?? 'none',
    routes: outcome?.$case === 'otherRoute' ? outcome.value.routes.map(({ textEn }) => textEn) : [],
  }
}
