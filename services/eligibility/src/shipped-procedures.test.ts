import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readProcedure } from './read-procedure.js'

const folder = new URL('../../../deploy/federations/sandbox/procedures/', import.meta.url)
const shipped = readdirSync(folder)
  .flatMap((member) => readdirSync(new URL(`${member}/`, folder)).map((file) => `${member}/${file}`))
  .map((file) => [file, readFileSync(new URL(file, folder), 'utf8')] as const)

const read = (source: string) => {
  const found = readProcedure(source)
  if (!('value' in found)) throw new Error(JSON.stringify(found))
  return found.value
}

describe('the procedures of the sandbox', () => {
  it.each(shipped)('%s is read, and names the text of each of its terms', (_file, source) => {
    const { application, references, remedies } = read(source)
    if (!application) return
    expect(remedies.length).toBeGreaterThan(0)
    for (const { reference } of [application.retention, ...application.withdrawal])
      expect(references).toHaveProperty(reference)
  })

  it('take applications where something is decided here, and decide alone where evidence can tell all', () => {
    const all = shipped.map(([, source]) => read(source))
    const taking = all.filter(({ application }) => application)
    expect(taking.map(({ id }) => id).sort()).toEqual([
      'college-scholarship',
      'complementaire-sante-solidaire',
      'retirement-request',
      'school-meals',
      'solidarity-fare',
    ])
    const alone = taking.filter(({ application }) => application?.automatic)
    expect(alone.map(({ id }) => id).sort()).toEqual(['school-meals', 'solidarity-fare'])
    for (const { kind, application } of taking) expect(application?.algorithm !== undefined).toBe(kind === 'benefit')
  })
})
