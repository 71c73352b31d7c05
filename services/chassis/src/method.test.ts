import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { describe, expect, it } from 'vitest'
import { methodOf, ruleOf } from './contract.fixture.js'
import { accessRuleOf, busNameOf, needsIdempotencyKey } from './method.js'

describe('accessRuleOf', () => {
  it.each<[string, Parameters<typeof ruleOf>[0] | undefined]>([
    ['no rule', undefined],
    ['a rule for nobody', {}],
    [
      'a rule with an unspecified caller among others',
      { callers: [CallerKind.CALLER_KIND_SYSTEM, CallerKind.CALLER_KIND_UNSPECIFIED] },
    ],
  ])('finds none in an RPC with %s', (_, rule) => {
    expect(accessRuleOf(methodOf('Do', rule) as never)).toBeUndefined()
  })

  it('reads a rule longer than one byte of length can say', () => {
    const rule = {
      callers: [CallerKind.CALLER_KIND_NEIGHBOUR],
      neighbours: Array.from({ length: 40 }, (_, n) => `service-${n}`),
    }
    const method = methodOf('Do', rule)
    const [raw] = (method.options._unknownFields as Record<number, Buffer[]>)[400010] ?? []
    const body = raw?.subarray(1) ?? Buffer.alloc(0)
    const long = {
      ...method,
      options: { _unknownFields: { 400010: [Buffer.from([0x80 | (body.length & 0x7f), body.length >> 7, ...body])] } },
    }
    expect(accessRuleOf(long as never)).toEqual(ruleOf(rule))
  })

  it('reads what the generator wrote', () => {
    const rule = accessRuleOf(DeliveryServiceDefinition.methods.deliver as never)
    expect(rule?.callers).toEqual([CallerKind.CALLER_KIND_NEIGHBOUR, CallerKind.CALLER_KIND_MEMBER])
  })
})

describe('the contract', () => {
  it('asks for a key exactly when it gives no idempotency level', () => {
    expect(needsIdempotencyKey(methodOf('Do', {}))).toBe(true)
    expect(needsIdempotencyKey(methodOf('Do', {}, 'IDEMPOTENT'))).toBe(false)
    expect(needsIdempotencyKey(methodOf('Do', {}, 'NO_SIDE_EFFECTS'))).toBe(false)
  })

  it.each([
    ['DeliveryService', 'delivery'],
    ['IdentityAuthorityService', 'identity-authority'],
  ])('names %s on the bus %s', (name, busName) => {
    expect(busNameOf({ name })).toBe(busName)
  })
})
