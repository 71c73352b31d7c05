import type { Place, Resource } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type CalendarRefusal, type Check, firstFault } from './calendar-refusal.js'
import {
  areOf,
  idWords,
  isCount,
  isId,
  isLanguage,
  isLine,
  isNamed,
  isTitle,
  lineWords,
  namedWords,
  titleWords,
} from './calendar-words.js'
import { isZone } from './local-time.js'

const kindsOfAccessibility = 4
const mostLanes = 50
const mostLanguages = 20
const accessibilityWords = 'names what makes it usable, each once'

const isWithin = (value: number, most: number): boolean => Number.isFinite(value) && Math.abs(value) <= most

/** What is wrong in a place by itself. */
export const placeRefusal = (place: Place, at: string): CalendarRefusal | undefined =>
  firstFault(at, [
    ['placeId', isId(place.placeId), idWords],
    ['title', isTitle(place.title), titleWords],
    ['address', isLine(place.address), lineWords],
    ['postCode', isLine(place.postCode), lineWords],
    ['city', isLine(place.city), lineWords],
    ['commune', /^([0-9AB]{5})?$/.test(place.commune), 'is an INSEE code, or empty'],
    ['latitude', isWithin(place.latitude, 90), 'is in degrees, -90 to 90'],
    ['longitude', isWithin(place.longitude, 180), 'is in degrees, -180 to 180'],
    ['sharedPlace', place.sharedPlace === '' || isId(place.sharedPlace), `${idWords}, or is empty`],
    ['accessibility', areOf(place.accessibility, kindsOfAccessibility), accessibilityWords],
    ['telephone', isLine(place.telephone), lineWords],
    ['website', isLine(place.website), lineWords],
  ]) ?? (isZone(place.zone) ? undefined : { reason: 'ZONE_UNKNOWN', facts: { field: `${at}.zone` } })

const kindChecks = ({ kind }: Resource): readonly Check[] => {
  if (kind?.$case === 'practitioner') {
    const { agentId, firstName, lastName, capacity, isUnnamed, languages } = kind.value
    const areLanguages = languages.length <= mostLanguages && languages.every(isLanguage)
    return [
      ['practitioner.agentId', isNamed(agentId), namedWords],
      ['practitioner.capacity', isNamed(capacity), namedWords],
      ['practitioner.firstName', isUnnamed ? isLine(firstName) : isNamed(firstName), namedWords],
      ['practitioner.lastName', isUnnamed ? isLine(lastName) : isNamed(lastName), namedWords],
      ['practitioner.languages', areLanguages, `names at most ${mostLanguages} languages (BCP 47)`],
    ]
  }
  if (kind?.$case === 'room') {
    const { title, lanes, accessibility } = kind.value
    return [
      ['room.title', isTitle(title), titleWords],
      ['room.lanes', isCount(lanes, 1, mostLanes), `is 1 to ${mostLanes}`],
      ['room.accessibility', areOf(accessibility, kindsOfAccessibility), accessibilityWords],
    ]
  }
  return [['kind', false, 'is a practitioner or a room']]
}

/** What is wrong in a practitioner or a room by themselves. */
export const resourceRefusal = (resource: Resource, at: string): CalendarRefusal | undefined =>
  firstFault(at, [['resourceId', isId(resource.resourceId), idWords], ...kindChecks(resource)])
