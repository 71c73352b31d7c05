import type { Secret } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { linkPath, secretPath } from '../booking-addresses.js'
import { type Booking, openCall } from './booking.js'
import { choiceFields, confirmFields, confirmHeld, holdChosen } from './booking-acts.js'
import { offeredNamed } from './booking-reading.js'
import { bookingSearchPage } from './booking-search-page.js'
import type { PageDoor } from './page-door.js'
import { searchIn } from './slot-search.js'
import type { Visit } from './visit.js'

const secretShape = /^[A-Za-z0-9_-]{43}$/

/** Booking without an account, by a link that the agency gave. */
export const addBookingByLink = (door: PageDoor): void => {
  const invited = async (visit: Visit): Promise<Booking & { readonly isAccompanied: boolean }> => {
    const { secret = '' } = visit.params
    if (!secretShape.test(secret)) throw new MeshError('BOOKING_LINK_UNKNOWN')
    const link = await door.context.neighbours.appointments.getBookingLink({ secret }, openCall(visit))
    const offered = await offeredNamed(door, visit, link.serviceTypeId)
    const isThere = ({ placeId }: { readonly placeId: string }): boolean =>
      link.placeIds.length === 0 || link.placeIds.includes(placeId)
    const by: Secret = { of: { $case: 'link', value: secret } }
    return {
      path: linkPath(secret),
      offered: { ...offered, places: offered.places.filter(isThere) },
      placeIds: link.placeIds,
      subject: '',
      secret: by,
      call: openCall(visit),
      token: undefined,
      isAccompanied: link.isAccompanied,
    }
  }

  door.showSecret('/book/link/:secret', async (visit) => {
    const booking = await invited(visit)
    const search = searchIn(visit.query)
    return bookingSearchPage(door, visit, booking, {
      ...search,
      isAccompanied: search.isAccompanied || booking.isAccompanied,
    })
  })
  door.submitSecret('/book/link/:secret/hold', choiceFields, async (visit, sent) =>
    holdChosen(door, visit, await invited(visit), sent),
  )
  door.submitSecret('/book/link/:secret/confirm', confirmFields, async (visit, sent) =>
    confirmHeld(door, visit, await invited(visit), sent, ({ secret }) => ({
      redirectTo: `${secretPath(secret)}?done=booked`,
    })),
  )
}
