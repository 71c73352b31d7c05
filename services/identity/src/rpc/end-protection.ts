import type { PlainRpc } from '@unefois/chassis/rpc'
import type { EndProtectionRequest, EndProtectionResponse } from '@unefois/proto/gen/unefois/identity/v1/protection'
import { z } from 'zod'
import type { ProtectionClient } from '../protection-client.js'
import { protectionIdField, staffField, whyField } from '../request-fields.js'

interface Needs {
  readonly protections: ProtectionClient
}

/** Has the identity authority end a protection that this agency asked for. Error: PROTECTION_UNKNOWN. */
export const endProtection = ({ protections }: Needs): PlainRpc<EndProtectionRequest, EndProtectionResponse> => ({
  request: z.object({ protectionId: protectionIdField, decidedBy: staffField, why: whyField }),
  handle: (request, { deadline }) => protections().endPersonProtection(request, { deadline }),
})
