import {
  type Closure,
  GetCalendarResponse,
  type Resource,
  type Schedule,
  type ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { fitting } from '../domain/page-budget.js'

/** What is published of a place, the place itself apart. */
export interface OfPlace {
  readonly resources: readonly Resource[]
  readonly schedules: readonly Schedule[]
  readonly closures: readonly Closure[]
  readonly serviceTypes: readonly ServiceType[]
}

/** One thing of a place; the positions are ordered as text. */
interface Part {
  readonly position: string
  readonly of: OfPlace
}

const nothing: OfPlace = { resources: [], schedules: [], closures: [], serviceTypes: [] }

const partsOf = ({ resources, schedules, closures, serviceTypes }: OfPlace): Part[] => [
  ...resources.map((each) => ({ position: `1/${each.resourceId}`, of: { ...nothing, resources: [each] } })),
  ...schedules.map((each) => ({ position: `2/${each.scheduleId}`, of: { ...nothing, schedules: [each] } })),
  ...closures.map((each) => ({ position: `3/${each.closureId}`, of: { ...nothing, closures: [each] } })),
  ...serviceTypes.map((each) => ({ position: `4/${each.serviceTypeId}`, of: { ...nothing, serviceTypes: [each] } })),
]

/** Whether a text can be a position in what is published of a place. */
export const isCalendarPosition = (text: string): boolean => /^[1-4]\/[a-z0-9-]{1,64}$/.test(text)

const bytesOf = ({ of: { resources, schedules, closures, serviceTypes } }: Part): number =>
  GetCalendarResponse.encode({
    place: undefined,
    resources: [...resources],
    schedules: [...schedules],
    closures: [...closures],
    serviceTypes: [...serviceTypes],
    revision: 0,
    nextPageToken: '',
  }).finish().length

/** What follows after a position and fits together, at most so many things; and up to where that is, absent where nothing follows. */
export const calendarPage = (
  all: OfPlace,
  after: string,
  most: number,
): { readonly of: OfPlace; readonly upTo: string | undefined } => {
  const rest = partsOf(all)
    .filter(({ position }) => position > after)
    .sort((one, other) => (one.position < other.position ? -1 : 1))
  const page = fitting(rest.slice(0, most), bytesOf)
  return {
    of: {
      resources: page.flatMap(({ of }) => of.resources),
      schedules: page.flatMap(({ of }) => of.schedules),
      closures: page.flatMap(({ of }) => of.closures),
      serviceTypes: page.flatMap(({ of }) => of.serviceTypes),
    },
    upTo: page.length < rest.length ? page.at(-1)?.position : undefined,
  }
}
