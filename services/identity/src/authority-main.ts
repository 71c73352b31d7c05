import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { startIdentityAuthority } from './authority-server.js'
import { identityAuthorityConfig } from './config.js'

const config = loadConfig(identityAuthorityConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-identity-authority`)
  const service = await startIdentityAuthority(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
