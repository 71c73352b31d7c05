import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { VisitLegChosen } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'

/** One meeting of a visit that a button of a page stands for, at a counter, of one unit. */
export interface ChosenLeg {
  readonly member: string
  readonly scheduleId: string
  readonly serviceTypeId: string
  readonly startsAtMs: number
}

const shape = /^([a-z0-9-]{1,64})~([a-z0-9-]{1,64})~([a-z0-9-]{1,64})~([0-9]{1,15})$/
const mostLegs = 4

const legValue = ({ member, scheduleId, serviceTypeId, startsAtMs }: ChosenLeg): string =>
  `${member}~${scheduleId}~${serviceTypeId}~${startsAtMs}`

/** A visit as the value of a button. */
export const visitValue = (legs: readonly ChosenLeg[]): string => legs.map(legValue).join('.')

/** Error: REQUEST_INVALID for what no button of ours stands for. */
export const chosenLegsIn = (value: string): ChosenLeg[] => {
  const legs = value.split('.').flatMap((each): ChosenLeg[] => {
    const [, member = '', scheduleId = '', serviceTypeId = '', startsAt = ''] = shape.exec(each) ?? []
    return member === '' ? [] : [{ member, scheduleId, serviceTypeId, startsAtMs: Number(startsAt) }]
  })
  if (legs.length < 2 || legs.length > mostLegs || visitValue(legs) !== value)
    throw new MeshError('REQUEST_INVALID', { facts: { field: 'visit' } })
  return legs
}

/** The same as the contract takes it. */
export const legsChosenAs = (legs: readonly ChosenLeg[]): VisitLegChosen[] =>
  legs.map(({ member, scheduleId, serviceTypeId, startsAtMs }) => ({
    member,
    slot: { scheduleId, serviceTypeId, startsAtMs, units: 1, channel: MeetingChannel.MEETING_CHANNEL_COUNTER },
  }))
