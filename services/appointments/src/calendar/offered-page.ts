import { type OfferedServiceType, Place, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { mostPageBytes } from '../domain/page-budget.js'

/** Up to where service types and their places were read; no place where all of a type were. */
export interface OfferedPosition {
  readonly serviceTypeId: string
  readonly placeId: string
}

export interface OfferedPage {
  readonly serviceTypes: readonly OfferedServiceType[]
  /** Absent where nothing follows. */
  readonly upTo: OfferedPosition | undefined
}

/** The tags and lengths around a message that is repeated in another one. */
const frameBytes = 8

/**
 * The first of these service types that fit together, at most so many; a type whose places do not fit has the first of them. One
 * place of the first type always fits, or a list would never go on.
 */
export const offeredPage = (offered: readonly OfferedServiceType[], most: number): OfferedPage => {
  const page: OfferedServiceType[] = []
  let upTo: OfferedPosition | undefined
  let bytes = 0
  for (const { serviceType, places } of offered) {
    if (!serviceType) continue
    const { serviceTypeId } = serviceType
    const sizes = places.map((place) => Place.encode(place).finish().length + frameBytes)
    bytes += ServiceType.encode(serviceType).finish().length + 2 * frameBytes
    if (page.length > 0 && (page.length === most || bytes + (sizes[0] ?? 0) > mostPageBytes))
      return { serviceTypes: page, upTo }
    const tooMany = sizes.findIndex((size, index) => {
      bytes += size
      return bytes > mostPageBytes && index > 0
    })
    const shown = tooMany < 0 ? places : places.slice(0, tooMany)
    page.push({ serviceType, places: [...shown] })
    upTo = { serviceTypeId, placeId: shown.at(-1)?.placeId ?? '' }
    if (tooMany >= 0) return { serviceTypes: page, upTo }
  }
  return { serviceTypes: page, upTo: undefined }
}

/** What follows after a position, of service types and places that are both in the order of their ids. */
export const offeredAfter = (
  offered: readonly OfferedServiceType[],
  { serviceTypeId, placeId }: OfferedPosition,
): OfferedServiceType[] =>
  offered.flatMap(({ serviceType, places }) => {
    const id = serviceType?.serviceTypeId ?? ''
    if (id !== serviceTypeId) return id > serviceTypeId ? [{ serviceType, places }] : []
    const rest = places.filter((place) => place.placeId > placeId)
    return rest.length > 0 ? [{ serviceType, places: rest }] : []
  })
