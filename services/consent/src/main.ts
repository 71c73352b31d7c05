import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { consentConfig } from './config.js'
import { startConsent } from './server.js'

const config = loadConfig(consentConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-consent`)
  const service = await startConsent(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
