import { parisDay } from '@unefois/chassis/clock'
import type { Queryable } from '@unefois/chassis/postgres'
import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { dayAt, keepChange, procedureOf } from './application-changes.js'
import { applicationEvent } from './application-events.js'
import type { ApplicationNeeds } from './application-needs.js'
import type { DecidedApplications } from './decision-needs.js'
import { decided, decidedAnew, type KeptApplication } from './domain/application.js'
import { clockOf } from './domain/application-clock.js'

type Needs = Pick<ApplicationNeeds, 'runtime' | 'applications' | 'procedureBook'>

/** Applications as decisions on them need them: with their clock as it reads now. */
export const decidedApplications = (needs: Needs): DecidedApplications => {
  const { runtime, applications } = needs
  const read = async (kept: KeptApplication | undefined, db?: Queryable): Promise<Application | undefined> => {
    if (!kept) return undefined
    const procedure = await procedureOf(needs, kept, db)
    return { ...kept.application, clock: clockOf(kept.application, procedure, parisDay(runtime.clock), dayAt) }
  }
  return {
    get: async (applicationId) => read(await applications.get(applicationId)),
    lock: async (tx, applicationId) => read(await applications.lock(tx, applicationId), tx),
    decide: async (tx, { applicationId }, { state, decisionId, atMs, replaces }) => {
      const before = await applications.lock(tx, applicationId)
      if (!before) throw new MeshError('APPLICATION_UNKNOWN')
      const procedure = await procedureOf(needs, before, tx)
      const after =
        replaces === undefined ? decided(before, state, decisionId) : decidedAnew(before, state, decisionId, replaces)
      await keepChange(needs, tx, before, after, procedure)
      await runtime.outbox.add(tx, [applicationEvent('decided', applicationId, atMs)])
    },
  }
}
