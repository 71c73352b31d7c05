import { type MemberClient, memberClient } from '@unefois/chassis/member-client'
import type { Runtime } from '@unefois/chassis/runtime'
import { IdentityAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'

/** The identity authority of the federation list in force, which may name another one tomorrow. */
export type AuthorityClient = () => MemberClient<IdentityAuthorityServiceDefinition>

/** Speaks to the identity authority by sealed messages. Throws MEMBER_UNKNOWN when the list has none. */
export const authorityClient =
  (runtime: Runtime): AuthorityClient =>
  () =>
    memberClient(
      runtime,
      IdentityAuthorityServiceDefinition,
      runtime.federation.current.memberWithRole('identity-authority').id,
    )
