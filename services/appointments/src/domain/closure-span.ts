import type { Closure } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { statedMoment } from './local-time.js'
import type { Span } from './slots.js'

/** The moments of a closure that was checked; undefined where a later edition of the time zone database knows its local times no more. */
export const closureSpan = ({ from, to }: Pick<Closure, 'from' | 'to'>, zone: string): Span | undefined => {
  const [startsAtMs, endsAtMs] = [statedMoment(zone, from), statedMoment(zone, to)]
  return typeof startsAtMs === 'number' && typeof endsAtMs === 'number' && startsAtMs < endsAtMs
    ? { startsAtMs, endsAtMs }
    : undefined
}
