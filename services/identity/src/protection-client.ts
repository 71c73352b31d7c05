import { type MemberClient, memberClient } from '@unefois/chassis/member-client'
import type { Runtime } from '@unefois/chassis/runtime'
import { ProtectionAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/protection'

/** The contract for protected persons of the identity authority in force. */
export type ProtectionClient = () => MemberClient<typeof ProtectionAuthorityServiceDefinition>

/** Speaks to it by sealed messages. Throws MEMBER_UNKNOWN when the list has no identity authority. */
export const protectionClient =
  (runtime: Runtime): ProtectionClient =>
  () =>
    memberClient(
      runtime,
      ProtectionAuthorityServiceDefinition,
      runtime.federation.current.memberWithRole('identity-authority').id,
      'identity-authority',
    )
