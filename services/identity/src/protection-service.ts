import type { Runtime } from '@unefois/chassis/runtime'
import { type Served, served } from '@unefois/chassis/service'
import {
  ProtectionAuthorityServiceDefinition,
  ProtectionServiceDefinition,
} from '@unefois/proto/gen/unefois/identity/v1/protection'
import { protectionClient } from './protection-client.js'
import { endPersonProtection } from './rpc/end-person-protection.js'
import { endProtection } from './rpc/end-protection.js'
import { type ProtectionNeeds, protectPersons } from './rpc/protect-persons.js'
import { protectSubjects } from './rpc/protect-subjects.js'

/** The second contract of an agency's identity service. */
export const protectionService = (runtime: Runtime): Served => {
  const needs = { protections: protectionClient(runtime) }
  return served(ProtectionServiceDefinition, {
    protectSubjects: protectSubjects(needs),
    endProtection: endProtection(needs),
  })
}

/** The second contract of the identity authority. */
export const protectionAuthorityService = (needs: ProtectionNeeds): Served =>
  served(ProtectionAuthorityServiceDefinition, {
    protectPersons: protectPersons(needs),
    endPersonProtection: endPersonProtection(needs),
  })
