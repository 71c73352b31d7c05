import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPlaces, type Places } from '@unefois/deploy/sandbox/places'
import { readPlan } from '@unefois/deploy/sandbox/plan'
import { fieldRefusal } from '@unefois/documents/domain/evidence'
import { decideRelease } from '@unefois/documents/domain/release'
import type { Federation } from '@unefois/proto/federation'
import type { Authorisation } from '@unefois/proto/federation-list'
import { fieldsOf, type JsonObject, type JsonValue } from '@unefois/proto/mask'
import type { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const plan = readPlan(fileURLToPath(new URL('../../deploy/federations/sandbox', import.meta.url)))
const directory = mkdtempSync(join(tmpdir(), 'unefois-fields-'))
let places: Places
let federation: Federation
beforeAll(async () => {
  places = await openPlaces(plan, directory)
  places.signer.start()
  federation = places.list()
})
afterAll(() => {
  places.signer.stop()
  rmSync(directory, { recursive: true, force: true })
})

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** A value in which everything that the schema knows is present, lists with two elements. */
const fullValue = ({ properties, items }: Schema): JsonValue => {
  if (properties) return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, fullValue(each)]))
  return items ? [fullValue(items), fullValue(items)] : 'x'
}

const sampleOf = (evidenceType: string): JsonObject =>
  fullValue(JSON.parse(readFileSync(join(plan.folder, 'evidence-types', `${evidenceType}.json`), 'utf8'))) as JsonObject

/** Of the words, not of our mask: a path is named when it, or something around it, is listed. */
const isNamed = (path: string, listed: readonly string[]): boolean =>
  listed.some((each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`))

const authorisationOf = (of: Parameters<Federation['authorisation']>[0]): Authorisation | undefined => {
  try {
    return federation.authorisation(of, Math.floor(Date.now() / 1000))
  } catch (thrown) {
    if ((thrown as MeshError).reason === 'PURPOSE_NOT_AUTHORISED') return undefined
    throw thrown
  }
}

describe('over every requester, provider, evidence type, purpose and field of the sandbox', () => {
  it('nothing is released that its provider has not signed for', () => {
    const values = new Map(plan.evidenceTypes.map(({ id }) => [id, sampleOf(id)]))
    const signed = new Set(
      plan.authorisations.map((each) => [each.requester, each.provider, each.evidenceType, each.purpose].join(' ')),
    )
    const wrong: object[] = []
    const counts = { combinations: 0, authorised: 0, fieldsRefused: 0, fieldsReleased: 0 }
    for (const requester of plan.agencies)
      for (const provider of plan.agencies)
        for (const [evidenceType, value] of values)
          for (const { id: purpose } of plan.purposes) {
            counts.combinations += 1
            const of = { requester: requester.id, provider: provider.id, evidenceType, purpose }
            const authorisation = authorisationOf(of)
            const isSigned = signed.has(Object.values(of).join(' '))
            if ((authorisation !== undefined) !== isSigned) wrong.push(of)
            if (!authorisation) continue
            counts.authorised += 1
            for (const path of fieldsOf(value)) {
              const isAllowed = isNamed(path, authorisation.fields)
              expect(fieldRefusal(authorisation, [path], [])).toBe(isAllowed ? undefined : 'FIELD_NOT_AUTHORISED')
              counts.fieldsRefused += isAllowed ? 0 : 1
            }
            const evidence = { value, version: 1, asOfMs: Date.now(), related: [] }
            const release = decideRelease(
              authorisation,
              { kind: 'found', evidence },
              { fields: [], predicates: [] },
              Date.now(),
            )
            const released = release.kind === 'released' ? fieldsOf(release.value) : []
            expect(released).toEqual(fieldsOf(value).filter((path) => isNamed(path, authorisation.fields)))
            counts.fieldsReleased += released.length
          }
    expect(wrong).toEqual([])
    expect(counts.authorised).toBe(signed.size)
    expect(counts.fieldsRefused).toBeGreaterThan(0)
    process.stdout.write(`unauthorised fields: 0 released over ${JSON.stringify(counts)}\n`)
  })
})
