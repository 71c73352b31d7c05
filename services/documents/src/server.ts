import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { DocumentsConfig } from './config.js'
import { fromConfig } from './context.js'
import { onConsentChanged } from './events/on-consent-changed.js'
import { declareEvidence } from './rpc/declare-evidence.js'
import { getAccessProof } from './rpc/get-access-proof.js'
import { getExchange } from './rpc/get-exchange.js'
import { listAccesses } from './rpc/list-accesses.js'
import { previewEvidence } from './rpc/preview-evidence.js'
import { releaseEvidence } from './rpc/release-evidence.js'
import { requestEvidence } from './rpc/request-evidence.js'
import { deleteExpired } from './store/retention.js'

const retentionMs = 60_000
/** What another process committed as it died has no place in the log yet. */
const sweepMs = 10_000

/** Starts one documents instance of one member. */
export const startDocuments = async (
  config: DocumentsConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  const { runtime, leaseKeeper, holdings, sequencer } = context
  const running = await startService(runtime, config, {
    definition: DocumentsServiceDefinition,
    implementation: {
      declareEvidence: declareEvidence({ ...context, clock: runtime.clock }),
      requestEvidence: requestEvidence(context),
      releaseEvidence: releaseEvidence(context),
      previewEvidence: previewEvidence(context),
      listAccesses: listAccesses(context),
      getAccessProof: getAccessProof(context),
      getExchange: getExchange(context),
    },
    consumers: { 'consent.consent-changed.v1': onConsentChanged(context) },
    chores: [
      { everyMs: retentionMs, run: async () => void (await deleteExpired(runtime.postgres, runtime.clock.nowMs())) },
      { everyMs: sweepMs, run: () => sequencer.settled() },
    ],
    afterCommit: () => void leaseKeeper.applied(),
    finish: () => sequencer.settled(),
  })
  void leaseKeeper.start()
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
