import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { subjectConsumers } from '@unefois/subjects/consumers'
import { everybodyReady } from '@unefois/subjects/subjects'
import { changeConsumers, changeService, keepSubscriptions } from './change-service.js'
import type { DocumentsConfig } from './config.js'
import { type DocumentsContext, fromConfig } from './context.js'
import { correctionConsumers, correctionService, keepCorrections } from './correction-service.js'
import { declarationService, keepDeclarations } from './declaration-service.js'
import { eventService } from './event-service.js'
import { onApplicationEvent } from './events/on-application-event.js'
import { onAppointmentEvent } from './events/on-appointment-event.js'
import { onConsentChanged } from './events/on-consent-changed.js'
import { withholdingConsumers } from './events/on-places-withheld.js'
import { protectionConsumers } from './events/on-subject-protected.js'
import { FeedWakes } from './feed-wakes.js'
import { forgetOldCounts, reAskService } from './re-ask-service.js'
import { answerPreview } from './rpc/answer-preview.js'
import { declareEvidence } from './rpc/declare-evidence.js'
import { getAccessProof } from './rpc/get-access-proof.js'
import { getExchange } from './rpc/get-exchange.js'
import { getStatementOnHonour } from './rpc/get-statement-on-honour.js'
import { listAccesses } from './rpc/list-accesses.js'
import { opposeUse } from './rpc/oppose-use.js'
import { previewEvidence } from './rpc/preview-evidence.js'
import { recordOpposition } from './rpc/record-opposition.js'
import { recordStatementOnHonour } from './rpc/record-statement-on-honour.js'
import { releaseEvidence } from './rpc/release-evidence.js'
import { askOnce, requestEvidence } from './rpc/request-evidence.js'
import { AgencyEvents } from './store/agency-events.js'
import { deleteEndedPlacesTold } from './store/places-told.js'
import { deleteEndedAnswers } from './store/preview-answers.js'
import { deleteExpired } from './store/retention.js'
import { tellChanges } from './tell-changes.js'

const retentionMs = 60_000
const forgetCountsMs = 3_600_000
/** What another process committed as it died has no place in the log yet. */
const sweepMs = 10_000
/** What a provider will answer later is looked for this often. */
const laterMs = 5000
/** How often a part of a move to another epoch of pseudonyms is made, while one is under way. */
const moveMs = 1000
/** Changes that are to be told are looked for this often. */
const changesMs = 2000

const deleteWhatEnded = async ({
  runtime,
  oppositions,
  statementsOnHonour,
  pendingRequests,
  protectedSubjects,
  withheldExchanges,
}: DocumentsContext): Promise<void> => {
  const nowMs = runtime.clock.nowMs()
  await deleteExpired(runtime.postgres, nowMs)
  await deleteEndedAnswers(runtime.postgres, nowMs)
  await oppositions.deleteEnded(nowMs)
  await statementsOnHonour.deleteEnded(nowMs)
  await pendingRequests.deleteEnded(nowMs)
  await protectedSubjects.deleteEnded(nowMs)
  await withheldExchanges.deleteEnded(nowMs)
  await deleteEndedPlacesTold(runtime.postgres, nowMs)
}

const sealedText = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/

/** The person in a ticket; undefined for any other text, and for a ticket that does not open: its RPC refuses it. */
const subjectOfTicket = ({ tickets }: Pick<DocumentsContext, 'tickets'>, text: string): string | undefined => {
  if (!sealedText.test(text)) return undefined
  try {
    return tickets.open(text).sub
  } catch {
    return undefined
  }
}

/** Starts one documents instance of one member. */
export const startDocuments = async (
  config: DocumentsConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  const { runtime, leaseKeeper, holdings, sequencer } = context
  const correcting = { ...context, ...context.corrections }
  const declaring = { ...context, ...context.declaring }
  const events = { feed: new AgencyEvents(runtime.postgres), wakes: new FeedWakes(runtime), clock: runtime.clock }
  const running = await startService(runtime, config, {
    definition: DocumentsServiceDefinition,
    implementation: {
      declareEvidence: declareEvidence({ ...context, clock: runtime.clock }),
      requestEvidence: requestEvidence(context),
      releaseEvidence: releaseEvidence(context),
      previewEvidence: previewEvidence(context),
      answerPreview: answerPreview(context),
      listAccesses: listAccesses(context),
      getAccessProof: getAccessProof(context),
      getExchange: getExchange(context),
      recordStatementOnHonour: recordStatementOnHonour(context),
      getStatementOnHonour: getStatementOnHonour(context),
      opposeUse: opposeUse(context),
      recordOpposition: recordOpposition(context),
    },
    further: [
      correctionService(correcting),
      declarationService(declaring),
      eventService(events),
      changeService(context),
      reAskService(context),
    ],
    consumers: {
      ...subjectConsumers(context.subjects, runtime.clock),
      'consent.consent-changed.v1': onConsentChanged(context),
      'eligibility.application-event.v1': onApplicationEvent(context),
      'appointments.appointment-event.v1': onAppointmentEvent(context),
      ...correctionConsumers(correcting),
      ...changeConsumers(context),
      ...protectionConsumers(context),
      ...withholdingConsumers(context),
    },
    prepare: everybodyReady(context.subjects, (text) => subjectOfTicket(context, text)),
    chores: [
      { everyMs: moveMs, run: () => context.subjects.moveOn() },
      { everyMs: retentionMs, run: () => deleteWhatEnded(context) },
      { everyMs: retentionMs, run: () => keepCorrections(correcting) },
      { everyMs: retentionMs, run: () => keepDeclarations(declaring) },
      { everyMs: forgetCountsMs, run: () => forgetOldCounts(context) },
      { everyMs: retentionMs, run: async () => void (await events.feed.deleteEnded(runtime.clock.nowMs())) },
      { everyMs: retentionMs, run: () => keepSubscriptions(context) },
      { everyMs: changesMs, run: () => tellChanges(context) },
      { everyMs: sweepMs, run: () => sequencer.settled() },
      { everyMs: laterMs, run: () => context.laterDelivery.deliverDue(askOnce(context)) },
    ],
    afterCommit: () => void leaseKeeper.applied(),
    finish: () => sequencer.settled(),
  })
  // A member that never provides on consent runs no consent service, so there is no lease to hold.
  if (Object.values(config.bus.neighbours).includes('consent')) void leaseKeeper.start()
  sequencer.wake()
  return {
    ...running,
    stop: async () => {
      leaseKeeper.stop()
      // Who waits for an event is answered before the doors drain.
      await events.wakes.stop()
      await running.stop()
      holdings.close()
    },
  }
}
