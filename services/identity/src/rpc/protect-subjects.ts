import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ProtectSubjectsRequest, ProtectSubjectsResponse } from '@unefois/proto/gen/unefois/identity/v1/protection'
import { z } from 'zod'
import type { ProtectionClient } from '../protection-client.js'
import { protectionField } from '../request-fields.js'

interface Needs {
  readonly protections: ProtectionClient
}

/** Hands a protection to the identity authority; nothing of it is kept here. Errors: those of ProtectPersons. */
export const protectSubjects = ({ protections }: Needs): PlainRpc<ProtectSubjectsRequest, ProtectSubjectsResponse> => ({
  request: z.object({ protection: protectionField }),
  handle: ({ protection }, { deadline }) => protections().protectPersons({ protection }, { deadline }),
})
