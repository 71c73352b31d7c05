import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { gatewayConfig } from './config.js'
import { startGateway } from './server.js'

const config = loadConfig(gatewayConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-gateway`)
  const gateway = await startGateway(config)
  const admin = await startAdmin(
    { isReady: gateway.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, gateway, telemetry]
})
