import { readFileSync } from 'node:fs'
import { runRulesCommand } from './rules-command/run.js'

process.exitCode = runRulesCommand(process.argv.slice(2), {
  read: (file) => readFileSync(file, 'utf8'),
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
})
