import { z } from 'zod'
import { offeredPlace } from './calendar-schemas.js'
import { offeredPlaceView } from './calendar-views.js'
import { operation } from './operation.js'
import { visitOffer } from './visit-schemas.js'
import { visitOfferView } from './visit-views.js'

export const listVisitOffers = operation({
  id: 'listVisitOffers',
  method: 'GET',
  path: '/v1/visits/offers',
  summary: 'For what several agencies can see somebody in one visit, in the places that they share with this one',
  kinds: ['agency'],
  query: z.strictObject({
    sharedPlace: z.string().min(1).max(64).optional().meta({ description: 'Only there.' }),
  }),
  responses: {
    200: {
      description: 'The places, and what is done there.',
      schema: z.strictObject({
        places: z.array(offeredPlace),
        offers: z.array(visitOffer),
        withoutMembers: z.array(z.string()).meta({ description: 'Members that did not answer.' }),
      }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PLACE_UNKNOWN'],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const asked = { sharedPlace: query.sharedPlace ?? '' }
    const found = await neighbours.visits.listVisitOffers(asked, { deadline, accessToken })
    return {
      body: {
        places: found.places.map(offeredPlaceView),
        offers: found.offers.map(visitOfferView),
        withoutMembers: found.withoutMembers,
      },
    }
  },
})
