import type { Deadline } from '@unefois/chassis/deadline'
import type { GivenBasis } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { toMeshError } from '@unefois/proto/reasons'
import type { ProcedureView } from '../rest/eligibility-views.js'
import { noticesOf, planOf, type StatedFacts } from './application-plan.js'
import type { PageDoor } from './page-door.js'
import { recordNotice } from './procedure-exchanges.js'
import type { PersonalVisit } from './visit.js'

/** What became of asking others: all that could be was, it is left for later, or nobody is asked. */
export type Examined = 'asked' | 'later' | 'nobody'

const all: readonly Examined[] = ['asked', 'later', 'nobody']

/** The same as an address names it; undefined for anything else. */
export const examinedIn = (named: unknown): Examined | undefined => all.find((one) => one === named)

/** Time in which the page is still answered when the others were too slow. */
const answerMs = 800

interface Examination {
  readonly applicationId: string
  readonly procedure: ProcedureView
  /** What the person stated; it is asked of nobody else. */
  readonly stated: StatedFacts
  /** Drawn with the page, so that a form sent twice has one effect. */
  readonly key: string
}

const asked = async (
  door: PageDoor,
  visit: PersonalVisit,
  { applicationId, procedure, stated, key }: Examination,
  deadline: Deadline,
): Promise<Examined> => {
  const { neighbours } = door.context
  const { person, session, language } = visit
  const { told, rule } = await planOf(door, { ...visit, deadline }, procedure, stated)
  const accessToken = session.accessToken
  const recorded = await Promise.all(
    noticesOf(door, told).map(async (notice, at): Promise<GivenBasis | undefined> => {
      const { provider, purpose } = notice
      const asking = { subject: person.subject, accessToken, deadline, key: `${key}.${at}` }
      try {
        return { provider, purpose, basisId: await recordNotice(neighbours, notice, language, asking) }
      } catch (thrown) {
        // One member's notice says nothing about the others.
        const { reason } = toMeshError(thrown)
        door.context.log.warn({ reason, provider }, 'a notice for an application was not recorded')
        return undefined
      }
    }),
  )
  if (recorded.length === 0) return rule === 'silent' ? 'later' : 'nobody'
  const bases = recorded.filter((one) => one !== undefined)
  if (bases.length === 0) return 'later'
  await neighbours.applications.examineApplication(
    { applicationId, bases, relatedSubject: '', ownRecords: [] },
    { deadline, accessToken, idempotencyKey: `${key}.examination` },
  )
  return bases.length < recorded.length ? 'later' : 'asked'
}

/**
 * Records what the person was told, and has what is missing asked of those who may tell it. It never fails: whatever becomes of
 * it, the deposit stands.
 */
export const examine = async (door: PageDoor, visit: PersonalVisit, of: Examination): Promise<Examined> => {
  try {
    const deadline = visit.deadline.keepingBack(answerMs)
    return await deadline.race(asked(door, visit, of, deadline))
  } catch (thrown) {
    const { reason } = toMeshError(thrown)
    door.context.log.warn({ reason }, 'what an application needs was not asked for; its deposit stands')
    return 'later'
  }
}
