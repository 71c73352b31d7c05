import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { consentAuthorityConfig } from './config.js'
import { startConsentAuthority } from './server.js'

const config = loadConfig(consentAuthorityConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-consent-authority`)
  const service = await startConsentAuthority(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
