import { parisDay } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import { dayAt, keepChange, procedureOf } from './application-changes.js'
import { applicationEvent } from './application-events.js'
import type { ApplicationNeeds } from './application-needs.js'
import { silenceSpoke } from './domain/application.js'
import { silenceSpeaks } from './domain/application-clock.js'

type Needs = Pick<ApplicationNeeds, 'runtime' | 'applications' | 'procedureBook'>

const atOnce = 100

/** Keeps that silence spoke of one application. Under its lock the clock is read anew: what was asked meanwhile has moved it. */
const speak = async (needs: Needs, tx: Transaction, applicationId: string, today: string): Promise<void> => {
  const { runtime, applications } = needs
  const before = await applications.lock(tx, applicationId)
  if (!before) return
  const procedure = await procedureOf(needs, before, tx)
  const means = silenceSpeaks(before.application, procedure, today, dayAt)
  if (!means) return
  await keepChange(needs, tx, before, silenceSpoke(before, means), procedure)
  await runtime.outbox.add(tx, [applicationEvent('decided', applicationId, Math.floor(runtime.clock.nowMs()))])
}

/** Keeps what silence said by today; replicas may do so at the same time. */
export const letSilenceSpeak = async (needs: Needs): Promise<void> => {
  const { runtime, applications } = needs
  const today = parisDay(runtime.clock)
  let after: string | undefined
  do {
    const due = await applications.dueBy(today, after, atOnce)
    // One that cannot be read keeps no other from being accepted.
    for (const id of due)
      await runtime.postgres
        .transaction((tx) => speak(needs, tx, id, today))
        .catch((error) => runtime.log.error({ err: error, application: id }, 'silence could not speak; it tries again'))
    after = due.length < atOnce ? undefined : due.at(-1)
  } while (after !== undefined)
  runtime.outbox.wake()
}

/** Deletes the files that no retention covers, and their keys. */
export const forgetEnded = async ({ runtime, applications }: Needs): Promise<void> => {
  await applications.deleteEnded(runtime.clock.nowMs())
}
