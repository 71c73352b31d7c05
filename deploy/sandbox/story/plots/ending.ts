import { PortalVisit, type Use } from '../her-list.js'
import type { Stage } from './stage.js'

/** How a story ends: who saw what, as each member recorded it, and whether every record is proved. */
export interface Ending {
  readonly uses: readonly Use[]
  readonly proofs: number
  readonly isEveryUseProved: boolean
}

/** What the portal lists to somebody since the story began, newest first. */
export const usesOf = async (
  { places, portal, startedAtMs }: Stage,
  person: Parameters<typeof PortalVisit.open>[0]['person'],
): Promise<{ readonly visit: PortalVisit; readonly uses: readonly Use[] }> => {
  const visit = await PortalVisit.open({ places, script: { portal }, person })
  const { accesses } = await visit.uses()
  return { visit, uses: accesses.filter(({ at }) => Date.parse(at) >= startedAtMs) }
}

/** The person looks at the portal who used their data, and verifies each record offline. */
export const endingOf = async (stage: Stage, key: string): Promise<Ending> => {
  const { visit, uses } = await usesOf(stage, stage.person(key))
  const proofs = await Promise.all(uses.map((use) => visit.isProved(use)))
  const proved = proofs.filter(Boolean).length
  stage.say(`\nAt the portal ${stage.called(key)} sees every use, as each agency recorded it:`)
  for (const { member, requester, provider, purpose, outcome, reason, fields } of uses) {
    const why = reason ? ` (${reason})` : ''
    const what = fields.length > 0 ? `: ${fields.join(', ')}` : ''
    stage.say(`  · kept by ${member}: ${requester} asked ${provider} for ${purpose}: ${outcome}${why}${what}`)
  }
  stage.say(`  ${proved} of ${uses.length} proofs verified offline against the agencies’ signed logs.\n`)
  return { uses, proofs: proved, isEveryUseProved: uses.length > 0 && proved === uses.length }
}
