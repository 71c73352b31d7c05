import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { eligibilityConfig } from './config.js'
import { startEligibility } from './server.js'

const config = loadConfig(eligibilityConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-eligibility`)
  const service = await startEligibility(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
