import { randomUUID } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  ProtectionAuthorityServiceDefinition,
  ProtectionGround,
  ProtectionServiceDefinition,
} from '@unefois/proto/gen/unefois/identity/v1/protection'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { identityAuthority, Resident, stranger } from './_resident.js'

let places: Places
let resident: Resident
let foreign: HostileMember
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  foreign = await HostileMember.connect(places, stranger, 'identity')
})
afterAll(async () => {
  resident.leave()
  await foreign.close()
})

const protection = (changes: object = {}) => ({
  protectionId: randomUUID(),
  subjects: [resident.subject],
  ground: ProtectionGround.PROTECTION_GROUND_NO_CONTACT,
  reference: 'a decision',
  until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
  decidedBy: 'agent-12',
  ...changes,
})
const ending = () => ({ protectionId: randomUUID(), decidedBy: 'agent-12', why: 'It was lifted.' })

describe('a protection', () => {
  it.each<[string, object]>([
    ['without an end', { until: '' }],
    ['that is over', { until: '2020-01-01' }],
    ['for ever', { until: '2099-01-01' }],
    ['on no ground', { ground: ProtectionGround.PROTECTION_GROUND_UNSPECIFIED }],
    ['of nobody', { subjects: [] }],
  ])('%s is refused', async (_, changes) => {
    const own = resident.town.service('identity', ProtectionServiceDefinition)
    const call = await resident.town.call('people:protect')
    expect(
      await refusalOf('unefois.identity.v1.ProtectionService/ProtectSubjects', () =>
        own.protectSubjects({ protection: protection(changes) }, call),
      ),
    ).toBe('REQUEST_INVALID')
  })

  it('that nobody recorded is not ended, at the agency or at the authority', async () => {
    const own = resident.town.service('identity', ProtectionServiceDefinition)
    const call = await resident.town.call('people:protect')
    expect(
      await refusalOf('unefois.identity.v1.ProtectionService/EndProtection', () => own.endProtection(ending(), call)),
    ).toBe('PROTECTION_UNKNOWN')
    expect(
      await refusalOf('unefois.identity.v1.ProtectionAuthorityService/EndPersonProtection', () =>
        foreign.of(identityAuthority, ProtectionAuthorityServiceDefinition).endPersonProtection(ending()),
      ),
    ).toBe('PROTECTION_UNKNOWN')
  })

  it('is recorded by no agency for whom it names by another’s pseudonym', async () => {
    expect(
      await refusalOf('unefois.identity.v1.ProtectionAuthorityService/ProtectPersons', () =>
        foreign
          .of(identityAuthority, ProtectionAuthorityServiceDefinition)
          .protectPersons({ protection: protection() }),
      ),
    ).toBe('SUBJECT_UNKNOWN')
  })
})
