import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { attempt, say } from './progress.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

const findChromium = () => {
  if (process.env.UNEFOIS_CHROMIUM) return process.env.UNEFOIS_CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Makes sure that browser tests have a Chromium where that is possible; otherwise says why they will be skipped. */
export const prepareChromium = () => {
  const found = findChromium()
  if (found !== undefined && isExecutable(found)) return
  const refusal = found === undefined ? installRefusal() : `UNEFOIS_CHROMIUM: ${found} is not an executable file`
  if (refusal !== undefined) say(`no Chromium, so browser tests will be skipped: ${refusal}`)
}

const installRefusal = () => {
  const remedy = 'install chromium or set UNEFOIS_CHROMIUM'
  if (!existsSync('/etc/debian_version')) return `this is not Debian: ${remedy}`
  if (process.getuid?.() !== 0) return `installing it takes root: ${remedy}`
  say('installing Chromium from Debian')
  const install = ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', 'chromium']
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }, timeout: 300_000 }
  if (attempt('apt-get', install, options).ok) return undefined
  attempt('apt-get', ['update'], options)
  const second = attempt('apt-get', install, options)
  return second.ok ? undefined : `${second.reason}: ${remedy}`
}
