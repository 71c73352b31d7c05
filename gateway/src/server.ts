import { buildApp } from './app.js'
import type { GatewayConfig } from './config.js'
import { fromConfig, type GatewayOverrides } from './context.js'
import { forgetEnded } from './session/forget-ended.js'

/** A gateway that answers. */
export interface RunningGateway {
  readonly name: 'gateway'
  /** The origin under which people know it. */
  readonly origin: string
  isReady(): boolean
  /** Refuses new work, finishes what is under way, then closes everything. */
  stop(): Promise<void>
}

const tidyMs = 60_000

/** Starts one gateway of an agency, of the portal or of the consent authority. */
export const startGateway = async (
  config: GatewayConfig,
  overrides: GatewayOverrides = {},
): Promise<RunningGateway> => {
  const context = await fromConfig(config, overrides)
  const { log, postgres, clock } = context
  const app = await buildApp(context)
  await app.listen({ host: config.http.host, port: config.http.port })
  if (config.kind === 'agency') context.webhookCourier.start()
  const tidying = setInterval(() => {
    forgetEnded(postgres, clock.nowMs()).catch((error) => log.warn({ err: error }, 'tidying failed; it runs again'))
  }, tidyMs).unref()
  let isStopping = false
  log.info({ origin: config.publicUrl, kind: config.kind }, 'ready')
  return {
    name: 'gateway',
    origin: config.publicUrl,
    isReady: () => !isStopping && context.isReady(),
    stop: async () => {
      isStopping = true
      clearInterval(tidying)
      await context.webhookCourier.stop()
      await app.close()
      await context.close()
      log.info('stopped')
    },
  }
}
