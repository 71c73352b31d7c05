import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { identityConfig } from './config.js'
import { startIdentity } from './server.js'

const config = loadConfig(identityConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-identity`)
  const service = await startIdentity(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
