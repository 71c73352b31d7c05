import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requireAccess } from '@unefois/chassis/access'
import { type Caller, reachesAssurance } from '@unefois/chassis/caller'
import { accessRuleOf, busNameOf, type ServiceDefinition } from '@unefois/chassis/method'
import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import type { MemberId } from '@unefois/proto/ids'
import { describe, expect, it } from 'vitest'

// Every service of the contract, found and not listed, so that a new one is held to the same.
const generated = fileURLToPath(new URL('../../proto/gen/unefois/', import.meta.url))
const modules = readdirSync(generated).map((noun) => join(generated, noun, 'v1', `${noun}.ts`))
const definitions = (
  await Promise.all(modules.map(async (path) => Object.values((await import(path)) as Record<string, unknown>)))
)
  .flat()
  .filter((value): value is ServiceDefinition => typeof value === 'object' && value !== null && 'methods' in value)
// An agency implements this one over its own register; none of our doors serves it.
const ours = definitions.filter(({ name }) => name !== 'EvidenceSourceService')
const methods = ours.flatMap((definition) =>
  Object.values(definition.methods).map((method) => ({ name: `${definition.name}/${method.name}`, method })),
)
const busNames = [...ours.map(busNameOf), 'gateway']
const roles = ['portal', 'identity-authority', 'consent-authority', 'agency', '']

describe('the contract', () => {
  it('has services', () => {
    expect(ours.length).toBeGreaterThanOrEqual(5)
  })

  describe.each(methods)('$name', ({ method }) => {
    const rule = accessRuleOf(method as never)

    it('has an access rule', () => {
      expect(rule).toBeDefined()
    })

    it('names with each kind of caller what lets it in, and nothing for kinds that stay out', () => {
      const has = (kind: CallerKind) => rule?.callers.includes(kind)
      expect((rule?.neighbours.length ?? 0) > 0).toBe(has(CallerKind.CALLER_KIND_NEIGHBOUR))
      expect((rule?.memberServices.length ?? 0) > 0).toBe(has(CallerKind.CALLER_KIND_MEMBER))
      expect(rule?.scope !== '').toBe(has(CallerKind.CALLER_KIND_SYSTEM))
      // Without a level, a person is let in by any login.
      if (rule?.minimumAcr) expect(has(CallerKind.CALLER_KIND_PERSON)).toBe(true)
      if (rule?.memberRole) expect(has(CallerKind.CALLER_KIND_MEMBER)).toBe(true)
    })

    it('speaks of neighbours, levels and roles that exist', () => {
      for (const service of [...(rule?.neighbours ?? []), ...(rule?.memberServices ?? [])])
        expect(busNames).toContain(service)
      if (rule?.minimumAcr) expect(reachesAssurance(rule.minimumAcr, rule.minimumAcr)).toBe(true)
      expect(roles).toContain(rule?.memberRole)
    })

    it('is one request and one answer', () => {
      expect([method.requestStream, method.responseStream]).toEqual([false, false])
    })

    it('refuses a stranger of every kind', () => {
      if (!rule || rule.callers.includes(CallerKind.CALLER_KIND_ANYONE)) return
      const strangers: Caller[] = [
        { kind: 'anyone' },
        { kind: 'system', clientId: 'x', scopes: ['openid'] },
        { kind: 'neighbour', service: 'stranger' },
        { kind: 'member', member: 'stranger' as MemberId, service: 'stranger' },
      ]
      for (const stranger of strangers) expect(() => requireAccess(rule, stranger, () => true)).toThrow()
    })
  })
})
