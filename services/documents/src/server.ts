import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { DocumentsConfig } from './config.js'
import { type DocumentsContext, fromConfig } from './context.js'
import { correctionConsumers, correctionService, keepCorrections } from './correction-service.js'
import { onConsentChanged } from './events/on-consent-changed.js'
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
import { deleteEndedAnswers } from './store/preview-answers.js'
import { deleteExpired } from './store/retention.js'

const retentionMs = 60_000
/** What another process committed as it died has no place in the log yet. */
const sweepMs = 10_000
/** What a provider will answer later is looked for this often. */
const laterMs = 5000

const deleteWhatEnded = async ({
  runtime,
  oppositions,
  statementsOnHonour,
  pendingRequests,
}: DocumentsContext): Promise<void> => {
  const nowMs = runtime.clock.nowMs()
  await deleteExpired(runtime.postgres, nowMs)
  await deleteEndedAnswers(runtime.postgres, nowMs)
  await oppositions.deleteEnded(nowMs)
  await statementsOnHonour.deleteEnded(nowMs)
  await pendingRequests.deleteEnded(nowMs)
}

/** Starts one documents instance of one member. */
export const startDocuments = async (
  config: DocumentsConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  const { runtime, leaseKeeper, holdings, sequencer } = context
  const correcting = { ...context, ...context.corrections }
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
    further: [correctionService(correcting)],
    consumers: { 'consent.consent-changed.v1': onConsentChanged(context), ...correctionConsumers(correcting) },
    chores: [
      { everyMs: retentionMs, run: () => deleteWhatEnded(context) },
      { everyMs: retentionMs, run: () => keepCorrections(correcting) },
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
      await running.stop()
      holdings.close()
    },
  }
}
