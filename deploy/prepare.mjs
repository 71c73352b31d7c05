#!/usr/bin/env node
// Makes a fresh clone ready for `npm start` or `npm test`. Runs before any package is installed, so it and prepare/
// import Node's own modules only.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareChromium } from './prepare/chromium.mjs'
import { build, installDependencies, requireNode } from './prepare/dependencies.mjs'
import { prepareNatsServer } from './prepare/nats-server.mjs'
import { say, Unprepared } from './prepare/progress.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

try {
  const purpose = process.argv[2]
  if (purpose !== 'start' && purpose !== 'test') throw new Unprepared('usage: node deploy/prepare.mjs start|test')
  requireNode()
  installDependencies(root)
  build(root)
  await prepareNatsServer()
  if (purpose === 'test') prepareChromium()
} catch (error) {
  if (!(error instanceof Unprepared)) throw error
  say(error.message)
  process.exitCode = 1
}
