import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A configuration that cannot be used; its message names each wrong key. The process must not start. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}

/** Checks a configuration against its schema and freezes it; an unknown or a missing key is refused. */
export const readConfig = <S extends z.ZodType>(schema: S, value: unknown, origin: string): z.infer<S> => {
  const checked = schema.safeParse(value)
  if (!checked.success) throw new ConfigError(`${origin} is not usable:\n${z.prettifyError(checked.error)}`)
  return deepFreeze(checked.data)
}

/** Reads the one JSON file that UNEFOIS_CONFIG names. Secrets in it are paths, never values. */
export const loadConfig = <S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv = process.env): z.infer<S> => {
  const path = env.UNEFOIS_CONFIG
  if (!path) throw new ConfigError('UNEFOIS_CONFIG is not set: it names the configuration file of this instance')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${path} cannot be read: check UNEFOIS_CONFIG and the permissions of the file`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  return readConfig(schema, value, path)
}
