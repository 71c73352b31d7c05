import { readFileSync } from 'node:fs'
import { appointmentsConfig } from '@unefois/appointments/config'
import { startAppointments } from '@unefois/appointments/server'
import { startAdmin } from '@unefois/chassis/admin'
import { loadConfig, readConfig } from '@unefois/chassis/config'
import { runUntilSignalled, type Stoppable } from '@unefois/chassis/lifecycle'
import { startTelemetry } from '@unefois/chassis/start-telemetry'
import { consentAuthorityConfig, consentConfig } from '@unefois/consent/config'
import { startConsent, startConsentAuthority } from '@unefois/consent/server'
import { documentsConfig } from '@unefois/documents/config'
import { startDocuments } from '@unefois/documents/server'
import { eligibilityConfig } from '@unefois/eligibility/config'
import { startEligibility } from '@unefois/eligibility/server'
import { gatewayConfig } from '@unefois/gateway/config'
import { startGateway } from '@unefois/gateway/server'
import { identityAuthorityConfig, identityConfig } from '@unefois/identity/config'
import { startIdentity, startIdentityAuthority } from '@unefois/identity/server'
import { z } from 'zod'
import { serviceNames } from './topology.js'

/** One process of the sandbox: the services of one member, or of several that share it, each with its own configuration. */
const processConfig = z.strictObject({
  name: z.string(),
  admin: z.strictObject({ host: z.string(), port: z.number().int() }),
  instances: z.array(
    z.strictObject({
      service: z.enum(serviceNames),
      config: z.string(),
    }),
  ),
})
export type ProcessConfig = z.infer<typeof processConfig>

type Running = Stoppable & { isReady(): boolean }

type Starters = Record<
  ProcessConfig['instances'][number]['service'],
  (value: unknown, path: string) => Promise<Running>
>

const starters: Starters = {
  identity: (value, path) => startIdentity(readConfig(identityConfig, value, path)),
  'identity-authority': (value, path) => startIdentityAuthority(readConfig(identityAuthorityConfig, value, path)),
  consent: (value, path) => startConsent(readConfig(consentConfig, value, path)),
  'consent-authority': (value, path) => startConsentAuthority(readConfig(consentAuthorityConfig, value, path)),
  documents: (value, path) => startDocuments(readConfig(documentsConfig, value, path)),
  eligibility: (value, path) => startEligibility(readConfig(eligibilityConfig, value, path)),
  appointments: (value, path) => startAppointments(readConfig(appointmentsConfig, value, path)),
  gateway: (value, path) => startGateway(readConfig(gatewayConfig, value, path)),
}

const atOnce = 8

/** Runs the process that UNEFOIS_CONFIG names until it is told to stop; `own` starters take the place of those of the same service. */
export const runMember = async (own: Partial<Starters> = {}): Promise<void> => {
  const config = loadConfig(processConfig)
  const startersInUse = { ...starters, ...own }
  await runUntilSignalled(async () => {
    const telemetry = startTelemetry(config.name)
    const running: Running[] = []
    // In the order of the configuration, some at a time: a hosted node's hundred connections would time out together.
    for (let at = 0; at < config.instances.length; at += atOnce) {
      const next = config.instances.slice(at, at + atOnce)
      const started = next.map(({ service, config: path }) =>
        startersInUse[service](JSON.parse(readFileSync(path, 'utf8')), path),
      )
      running.push(...(await Promise.all(started)))
    }
    const admin = await startAdmin(
      { isReady: () => running.every((each) => each.isReady()), metrics: telemetry.metrics },
      config.admin.host,
      config.admin.port,
    )
    // A gateway stops first, then what it calls.
    return [admin, ...running.reverse(), telemetry]
  })
}
