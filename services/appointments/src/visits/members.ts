import type { Call } from '@unefois/chassis/rpc'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import type { Calendar } from '../domain/calendar.js'

/** The member that calls. Error: CALLER_NOT_ALLOWED. */
export const memberCalling = ({ caller }: Pick<Call, 'caller'>): string => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.member
}

/** Error: VISIT_NOT_TAKEN, also for a service type that is none: what is not open to a member it does not hear of. */
export const openToVisitsOf = (calendar: Calendar, serviceTypeId: string, member: string): ServiceType => {
  const type = calendar.serviceTypes.get(serviceTypeId)
  if (!type || type.isRetired || !type.visitMembers.includes(member)) throw new MeshError('VISIT_NOT_TAKEN')
  return type
}
