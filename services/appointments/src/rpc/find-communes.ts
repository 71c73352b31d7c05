import type { PlainRpc } from '@unefois/chassis/rpc'
import type { FindCommunesRequest, FindCommunesResponse } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { z } from 'zod'
import type { AppointmentsContext } from '../context.js'
import { communesNamed } from '../domain/communes.js'

/** No error of its own: an agency without a list of communes finds none. */
export const findCommunes = ({
  communes,
}: Pick<AppointmentsContext, 'communes'>): PlainRpc<FindCommunesRequest, FindCommunesResponse> => ({
  request: z.object({ name: z.string().min(1).max(100) }),
  handle: async ({ name }) => ({ communes: communesNamed(communes, name) }),
})
