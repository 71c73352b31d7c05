import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  OfferVisitServicesRequest,
  OfferVisitServicesResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { z } from 'zod'
import type { AppointmentsContext } from '../context.js'
import { visitOffers } from '../domain/visit-offers.js'
import { memberCalling } from '../visits/members.js'

const mostPlaces = 50
const mostOffers = 200

/** Error: CALLER_NOT_ALLOWED. What is not open to the member it does not hear of. */
export const offerVisitServices = ({
  runtime,
  book,
}: Pick<AppointmentsContext, 'runtime' | 'book'>): PlainRpc<OfferVisitServicesRequest, OfferVisitServicesResponse> => ({
  request: z.object({ sharedPlaces: z.array(z.string().min(1).max(64)).min(1).max(mostPlaces) }),
  handle: async ({ sharedPlaces }, call) => {
    const member = memberCalling(call)
    const isOpen = ({ visitMembers }: { readonly visitMembers: readonly string[] }) => visitMembers.includes(member)
    const asked = [...new Set(sharedPlaces)]
    return { offers: visitOffers(await book.current(), runtime.member, asked, isOpen).slice(0, mostOffers) }
  },
})
