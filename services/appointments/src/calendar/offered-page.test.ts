import type { OfferedServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { describe, expect, it } from 'vitest'
import { hallPlace, serviceType } from '../agency.fixture.js'
import { offeredAfter, offeredPage } from './offered-page.js'

const idOf = (at: number): string => `place-${String(at).padStart(4, '0')}`
const placesOf = (count: number) => Array.from({ length: count }, (_, at) => hallPlace({ placeId: idOf(at) }))
const crowded = { serviceType: serviceType({ serviceTypeId: 'crowded' }), places: placesOf(4000) }
const nowhere = { serviceType: serviceType({ serviceTypeId: 'nowhere' }), places: [] }

describe('a page of service types', () => {
  it('goes on within a service type whose places do not fit, and lists one that has none', () => {
    const offered: readonly OfferedServiceType[] = [crowded, nowhere]
    const found: string[] = []
    let rest = [...offered]
    let pages = 0
    for (;;) {
      const page = offeredPage(rest, 500)
      pages += 1
      for (const { serviceType: type, places } of page.serviceTypes)
        found.push(...(places.length > 0 ? places.map(({ placeId }) => placeId) : [type?.serviceTypeId ?? '']))
      if (!page.upTo) break
      rest = offeredAfter(offered, page.upTo)
    }
    expect(found).toEqual([...crowded.places.map(({ placeId }) => placeId), 'nowhere'])
    expect(pages).toBeGreaterThan(2)
  })

  it('goes on after what is not there any more', () => {
    const after = { serviceTypeId: 'dropped', placeId: 'hall' }
    expect(offeredAfter([crowded, nowhere], after)).toEqual([nowhere])
    expect(offeredAfter([crowded, nowhere], { serviceTypeId: 'nowhere', placeId: '' })).toEqual([])
  })
})
