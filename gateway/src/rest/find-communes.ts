import { z } from 'zod'
import { operation } from './operation.js'
import { commune } from './slot-schemas.js'

export const findCommunes = operation({
  id: 'findCommunes',
  method: 'GET',
  path: '/v1/slots/communes',
  summary: 'Communes around which one can search for slots, by name',
  kinds: ['agency'],
  query: z.strictObject({
    name: z.string().min(1).max(100).meta({
      description:
        'A name or its beginning, also with the department as in `Saint-Denis (93)`, or an INSEE code. Accents, case and hyphens make no difference.',
    }),
  }),
  responses: {
    200: {
      description: 'Those of exactly this name; where there are none, those whose name begins with it. At most 20.',
      schema: z.strictObject({ communes: z.array(commune) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const { communes } = await neighbours.slots.findCommunes(query, { deadline, accessToken })
    return { body: { communes } }
  },
})
