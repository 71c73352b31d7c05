import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type {
  ExamineApplicationRequest,
  ExamineApplicationResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { applicationFor, applicationView, changeApplication, procedureOf, requireOpen } from '../application-changes.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { examined, type KeptApplication } from '../domain/application.js'
import { gather } from '../gather.js'
import { gatherFields } from '../gather-fields.js'
import type { ReadRelease } from '../rule-book.js'
import { dayOfLaw, factsUsed, knownIn, takenBy } from '../ruling.js'
import { applicationId, facts } from './application-fields.js'
import { bases, subject } from './evidence-fields.js'
import { factsOf, factView, languageOf } from './facts-given.js'
import { orEmpty } from './fields.js'
import { findingView } from './finding-view.js'
import { inForceOn } from './in-force.js'
import { toldView } from './told-view.js'

/** What the file knows, as far as this release takes it; `used` being what evidence told. */
const factsIn = ({ release }: ReadRelease, { application }: KeptApplication, used = application.used) =>
  factsUsed(takenBy(release, knownIn({ ...application, used })))

/** What the agency's own register says, as the file names it. Error: FACT_INVALID. */
const ownRecords = (
  { runtime }: Pick<ApplicationNeeds, 'runtime'>,
  { release }: ReadRelease,
  { ownRecords: given }: ExamineApplicationRequest,
): FactUsed[] =>
  [...factsOf(release, given)].map(([name, value]) => ({
    fact: factView(name, value),
    isSelfDeclared: false,
    provider: runtime.member,
    source: undefined,
    exchangeId: '',
    version: 0,
    asOfMs: Math.floor(runtime.clock.nowMs()),
  }))

/** About whom others are asked: by the name that the caller's own token carries, where that is another. */
const askedAbout = (
  { application }: KeptApplication,
  { bases, relatedSubject }: ExamineApplicationRequest,
  { caller }: Call,
) => ({
  subject: caller.kind === 'person' ? caller.subject : application.subject,
  procedure: application.procedure,
  bases,
  relatedSubject,
})

/**
 * Errors: APPLICATION_UNKNOWN, APPLICATION_ENDED, FACT_INVALID, CALLER_NOT_ALLOWED for a person who gives records, those of the
 * caller's own token; what a member refuses is told, not thrown.
 */
export const examineApplication = (
  needs: ApplicationNeeds,
): PlainRpc<ExamineApplicationRequest, ExamineApplicationResponse> => ({
  request: z.object({ applicationId, bases, relatedSubject: orEmpty(subject), ownRecords: facts }),
  handle: async (request, call) => {
    const { runtime, book } = needs
    if (call.caller.kind === 'person' && request.ownRecords.length > 0) throw new MeshError('CALLER_NOT_ALLOWED')
    const before = await applicationFor(needs, call, request.applicationId)
    const procedure = await procedureOf(needs, before)
    requireOpen(needs, before, procedure)
    const view = (kept: KeptApplication) => applicationView(needs, kept, procedure, call)
    if (procedure.benefit === undefined) {
      const gathered = await gatherFields(needs, procedure, askedAbout(before, request, call), call)
      const isNothing = gathered.used.length + gathered.notObtained.length === 0
      if (isNothing) return { application: view(before), outcome: { $case: 'withoutRule', value: true } }
      const { kept } = await runtime.postgres.transaction((tx) =>
        changeApplication(needs, tx, call, request.applicationId, (locked) => examined(locked, gathered)),
      )
      return { application: view(kept), outcome: { $case: 'withoutRule', value: true } }
    }
    const found = await inForceOn(book, procedure.benefit, dayOfLaw(before.application))
    if ('noRelease' in found)
      return { application: view(before), outcome: { $case: 'noRelease', value: found.noRelease } }
    const about = askedAbout(before, request, call)
    const own = ownRecords(needs, found, request)
    const gathered = await gather(needs, found, procedure.purposes, factsIn(found, before, own), about, call)
    const used = [...own, ...gathered.told.map(toldView)]
    const after = await runtime.postgres.transaction(async (tx) => {
      const { kept } = await changeApplication(needs, tx, call, request.applicationId, (locked) =>
        examined(locked, { used, notObtained: gathered.notObtained }),
      )
      return needs.afterExamination(tx, { kept, procedure, read: found, gathered })
    })
    runtime.outbox.wake()
    const language = languageOf(after.application.language)
    const finding = findingView(book, found, factsIn(found, after), language)
    return { application: view(after), outcome: { $case: 'finding', value: finding } }
  },
})
