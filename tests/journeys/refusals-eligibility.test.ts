import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  EligibilityServiceDefinition,
  type SimulateRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { ProcedureServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { RuleServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { refusalOf, refused } from './_refusals.js'
import { evidenceType, fund, told, town } from './_resident.js'

/** The fund that publishes the rule and the procedure of complementary health cover. */
const health = 'cpam'
const held = 'quotient_familial.valeur'
const benefit = 'complementaire-sante-solidaire'

let places: Places
let system: AgencySystem
/** Of the town, to which the fund gives the family quotient for school meals. */
let meals: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  system = new AgencySystem(places, health)
  meals = new AgencySystem(places, town)
})
afterAll(() => {
  system.close()
  meals.close()
})

/** What the fund published when the federation started. */
const publishedAs = (folder: 'rules' | 'procedures'): string => {
  const at = join(places.plan.folder, folder, health)
  const name = readdirSync(at).find((each) => each.includes(benefit)) ?? ''
  return readFileSync(join(at, name), 'utf8')
}
const rules = () => system.service('eligibility', RuleServiceDefinition)
const procedures = () => system.service('eligibility', ProcedureServiceDefinition)

describe('the rules of an agency', () => {
  it('are not replaced by what is no rule, overlaps, or replaces nothing, and go on serving', async () => {
    const rpc = 'unefois.eligibility.v1.RuleService/PublishRelease'
    const source = publishedAs('rules')
    const publish = async (text: string, replaces = '') =>
      rules().publishRelease({ source: text, replaces }, await system.call('rules:publish'))
    const wrongUnit = await refused(rpc, () => publish(source.replace('unit: €/an', 'unit: €/siècle')))
    expect(wrongUnit?.reason).toBe('RULE_RELEASE_INVALID')
    expect(wrongUnit?.facts.faults).toContain('facts/')
    expect(await refusalOf(rpc, () => publish('benefit: ['))).toBe('RULE_RELEASE_INVALID')
    const overlapping = await refused(rpc, () => publish(`${source}# Another word.\n`))
    expect(overlapping?.reason).toBe('RULE_RELEASE_OVERLAPS')
    expect(await refusalOf(rpc, () => publish(`${source}# Another word.\n`, '0'.repeat(64)))).toBe(
      'RULE_RELEASE_UNKNOWN',
    )

    const { release } = await publish(source)
    expect(release?.sha256).toBe(overlapping?.facts.release)
    const { releases } = await rules().listReleases(
      { benefit, day: '2025-11-01', pageSize: 0, pageToken: '' },
      await system.call('rules:read'),
    )
    expect(releases.map(({ sha256, replacedBy }) => [sha256, replacedBy])).toEqual([[release?.sha256, '']])
  })

  it('are listed only as they are asked for', async () => {
    const rpc = 'unefois.eligibility.v1.RuleService/ListReleases'
    const call = await system.call('rules:read')
    const list = (more: object) =>
      rules().listReleases({ benefit: '', day: '', pageSize: 0, pageToken: '', ...more }, call)
    expect(await refusalOf(rpc, () => list({ pageToken: 'nonsense' }))).toBe('PAGE_TOKEN_MISMATCH')
    expect(await refusalOf(rpc, () => list({ day: '2025-02-30' }))).toBe('REQUEST_INVALID')
  })

  it('have no release that was never published', async () => {
    const rpc = 'unefois.eligibility.v1.RuleService/GetRelease'
    const call = await system.call('rules:read')
    expect(await refusalOf(rpc, () => rules().getRelease({ sha256: '0'.repeat(64) }, call))).toBe(
      'RULE_RELEASE_UNKNOWN',
    )
  })
})

describe('the procedures of an agency', () => {
  it('do not ask again what another member may tell, nor leave out whoever has no computer', async () => {
    const rpc = 'unefois.eligibility.v1.ProcedureService/PublishProcedure'
    const source = publishedAs('procedures')
    const publish = async (text: string) =>
      procedures().publishProcedure({ source: text }, await system.call('procedures:publish'))
    const onlineOnly = await refused(rpc, () => publish(source.replace(/ways: \[[^\]]*\]/g, 'ways: [online]')))
    expect(onlineOnly?.reason).toBe('PROCEDURE_INVALID')
    expect(onlineOnly?.facts.faults).toContain('CRPA L112-8')
    expect(await refusalOf(rpc, () => publish(source.replace(/^benefit: .*$/m, 'benefit: castle-aid')))).toBe(
      'PROCEDURE_INVALID',
    )
    const ofTown = source
      .replace('kind: benefit', 'kind: plain')
      .replace(/^benefit: .*\n/m, '')
      .replace(/^purposes: .*$/m, `purposes: [${told}]`)
      .replace(
        /evidence: \{ type: quotient-familial, field: [^}]*\}/,
        `evidence: { type: ${evidenceType}, field: ${held} }`,
      )
    const asksAgain = await refused(rpc, async () => {
      const call = await meals.call('procedures:publish')
      return meals.service('eligibility', ProcedureServiceDefinition).publishProcedure({ source: ofTown }, call)
    })
    expect(asksAgain?.facts.faults).toContain(
      `must not be asked of the person, because ${fund} can give it (CRPA L113-12)`,
    )
    const { procedure } = await publish(source)
    expect(procedure?.benefit).toBe(benefit)
  })

  it('are listed by a token that one was given', async () => {
    const rpc = 'unefois.eligibility.v1.ProcedureService/ListProcedures'
    const call = await system.call('procedures:read')
    expect(await refusalOf(rpc, () => procedures().listProcedures({ pageSize: 0, pageToken: 'NO TOKEN' }, call))).toBe(
      'REQUEST_INVALID',
    )
  })

  it('are not there under an id that nobody published', async () => {
    const rpc = 'unefois.eligibility.v1.ProcedureService/GetProcedure'
    const call = await system.call('procedures:read')
    expect(await refusalOf(rpc, () => procedures().getProcedure({ id: 'castle-aid' }, call))).toBe('PROCEDURE_UNKNOWN')
  })
})

describe('a simulation', () => {
  it('takes no benefit that there is not, and no fact that the rule does not ask, out of bounds, or twice', async () => {
    const rpc = 'unefois.eligibility.v1.EligibilityService/Simulate'
    const call = await system.call('eligibility:simulate')
    const simulate = (more: Partial<SimulateRequest>) =>
      system
        .service('eligibility', EligibilityServiceDefinition)
        .simulate({ benefit, day: '2025-11-01', facts: [], language: 'fr', ...more }, call)
    const people = (value: number) => ({ name: 'foyer . personnes', value: { $case: 'number' as const, value } })
    expect(await refusalOf(rpc, () => simulate({ benefit: 'castle-aid' }))).toBe('BENEFIT_UNKNOWN')
    const outside = await refused(rpc, () => simulate({ facts: [people(0)] }))
    expect([outside?.reason, outside?.facts.field]).toEqual(['FACT_INVALID', 'foyer . personnes'])
    expect(await refusalOf(rpc, () => simulate({ facts: [people(2), people(3)] }))).toBe('FACT_INVALID')
    expect(await refusalOf(rpc, () => simulate({ facts: [{ name: 'secret', value: people(1).value }] }))).toBe(
      'FACT_INVALID',
    )
    expect(await refusalOf(rpc, () => simulate({ language: 'de' }))).toBe('REQUEST_INVALID')
  })
})
