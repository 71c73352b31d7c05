import { readFileSync } from 'node:fs'
import { loadConfig } from '@unefois/chassis/config'
import { runUntilSignalled } from '@unefois/chassis/lifecycle'
import { z } from 'zod'
import { type IdentityProviderOptions, startIdentityProvider } from './identity-provider.js'
import { startNationalHub } from './national-hub.js'
import { startRegister } from './register.js'

/** What a sandbox needs of the world outside: a stand-in identity provider and national hub of appointments, and the agencies' own registers. */
const outsideConfig = z.strictObject({
  identityProvider: z.strictObject({
    host: z.string(),
    port: z.number().int(),
    clients: z.array(
      z.strictObject({
        clientId: z.string(),
        jwk: z.record(z.string(), z.unknown()),
        redirectUris: z.array(z.string()),
      }),
    ),
    people: z.array(z.record(z.string(), z.string())),
    signingKeys: z.array(z.string()),
  }),
  nationalHub: z.strictObject({ host: z.string(), port: z.number().int(), tokenFile: z.string() }),
  registers: z.array(
    z.strictObject({
      host: z.string(),
      port: z.number().int(),
      certificate: z.string(),
      key: z.string(),
      entries: z.record(z.string(), z.string()),
    }),
  ),
})
export type OutsideConfig = z.infer<typeof outsideConfig>

const config = loadConfig(outsideConfig)
await runUntilSignalled(async () => {
  const { signingKeys, ...provider } = config.identityProvider
  const options = { ...provider, signingKeys: signingKeys.map((path) => JSON.parse(readFileSync(path, 'utf8'))) }
  return Promise.all([
    startIdentityProvider(options as unknown as IdentityProviderOptions),
    startNationalHub(config.nationalHub),
    ...config.registers.map((register) => startRegister(register)),
  ])
})
