import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { appointmentsConfig } from './config.js'
import { startAppointments } from './server.js'

const config = loadConfig(appointmentsConfig)
await runUntilSignalled(async () => {
  const telemetry = startTelemetry(`${config.member}-appointments`)
  const service = await startAppointments(config)
  const admin = await startAdmin(
    { isReady: service.isReady, metrics: telemetry.metrics },
    config.admin.host,
    config.admin.port,
  )
  return [admin, service, telemetry]
})
