import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { documentsConfig } from './config.js'
import { startDocuments } from './server.js'

const config = loadConfig(documentsConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-documents`)
  const service = await startDocuments(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
