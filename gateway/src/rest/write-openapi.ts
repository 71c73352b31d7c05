import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openApiText } from './openapi.js'

writeFileSync(fileURLToPath(new URL('../../openapi.json', import.meta.url)), await openApiText())
