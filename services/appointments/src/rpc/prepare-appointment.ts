import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type {
  Preparation,
  PrepareAppointmentRequest,
  PrepareAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Route } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { GivenBasis } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { Procedure } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { isBasisId, isMemberId } from '@unefois/proto/ids'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentFor, lockedFor } from '../appointment/access.js'
import { gather } from '../appointment/gather.js'
import type { AppointmentReading } from '../appointment/needs.js'
import { invalid } from '../appointment/refusals.js'
import { appointmentViews } from '../appointment/view.js'
import type { AppointmentsContext } from '../context.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { bringList, preparedNeeds } from '../domain/preparation.js'
import { appointmentId } from './appointment-fields.js'

type Needs = AppointmentReading & Pick<AppointmentsContext, 'documents' | 'procedures'>

const basis = z.object({
  provider: z.string().refine(isMemberId, 'not a member id'),
  purpose: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'not a name'),
  basisId: z.string().refine(isBasisId, 'not a basis id'),
})

/** Error: APPOINTMENT_ENDED for what was not booked, or has begun to be over. */
const requireAhead = ({ runtime }: Pick<Needs, 'runtime'>, { state, endsAtMs }: KeptAppointment): void => {
  const isAhead = (state === 'booked' || state === 'arrived') && endsAtMs > runtime.clock.nowMs()
  if (!isAhead) throw new MeshError('APPOINTMENT_ENDED')
}

/** Error: APPOINTMENT_INVALID for a basis that is named twice, and for any where nobody is known by a pseudonym. */
const requireSoundBases = (bases: readonly GivenBasis[], subject: string): void => {
  if (bases.length > 0 && subject === '')
    throw invalid({ field: 'bases', what: 'is empty: of somebody without an account nobody can be asked' })
  const names = bases.map(({ provider, purpose }) => `${provider} ${purpose}`)
  const twice = names.findIndex((name, at) => names.indexOf(name) < at)
  if (twice >= 0)
    throw invalid({ field: `bases.${twice}`, what: 'names a provider and a purpose that none before names' })
}

/** What the procedure asks; undefined where it cannot be read now, which keeps nobody from being prepared otherwise. */
const readProcedure = async (
  { procedures, runtime }: Needs,
  id: string,
  { deadline }: Call,
): Promise<Procedure | undefined> => {
  try {
    return (await procedures.getProcedure({ id }, { deadline })).procedure
  } catch (thrown) {
    runtime.log.warn({ reason: toMeshError(thrown).reason }, 'the procedure of a service type could not be read')
    return undefined
  }
}

const usualRoutes =
  ({ runtime }: Needs) =>
  (evidenceType: string): Route[] => {
    const { current } = runtime.federation
    try {
      return current
        .evidenceType(evidenceType)
        .routes.map(({ kind, text }) => ({ kind, textFr: text.fr, textEn: text.en }))
    } catch {
      // A type that the list has no more has no way on either.
      return []
    }
  }

const prepare = async (
  needs: Needs,
  kept: KeptAppointment,
  type: ServiceType,
  bases: readonly GivenBasis[],
  call: Call,
): Promise<Preparation> => {
  const procedure = type.procedure === '' ? undefined : await readProcedure(needs, type.procedure, call)
  const wanted = preparedNeeds(type, procedure)
  const about = {
    // By the name that the caller's own token carries, where that is another.
    subject: call.caller.kind === 'person' ? call.caller.subject : kept.subject,
    procedure: type.procedure || type.serviceTypeId,
    bases,
  }
  const { had, notObtained } = await gather(needs, wanted, kept.said.preparation?.had ?? [], about, call)
  const read = type.procedure === '' ? 'none' : procedure ? 'read' : 'unread'
  const toBring = bringList({ type, needs: wanted, had, notObtained, procedure: read, usualRoutes: usualRoutes(needs) })
  return {
    preparedAtMs: Math.floor(needs.runtime.clock.nowMs()),
    had: [...had],
    notObtained: [...notObtained],
    toBring,
  }
}

/**
 * Errors: APPOINTMENT_UNKNOWN, APPOINTMENT_ENDED, APPOINTMENT_INVALID, SERVICE_TYPE_UNKNOWN, those of the caller's own token; what a
 * member refuses is told, not thrown.
 */
export const prepareAppointment = (needs: Needs): PlainRpc<PrepareAppointmentRequest, PrepareAppointmentResponse> => ({
  request: z.object({ appointmentId, bases: z.array(basis).max(20) }),
  handle: async (request, call) => {
    const { runtime, appointments, book } = needs
    const before = await appointmentFor(needs, call, request.appointmentId, undefined)
    requireAhead(needs, before)
    requireSoundBases(request.bases, before.subject)
    const type = (await book.current()).serviceTypes.get(before.serviceTypeId)
    if (!type) throw new MeshError('SERVICE_TYPE_UNKNOWN')
    const preparation = await prepare(needs, before, type, request.bases, call)
    const after = await runtime.postgres.transaction(async (tx) => {
      const locked = await lockedFor(needs, tx, call, { appointmentId: before.appointmentId, secret: undefined })
      requireAhead(needs, locked)
      const kept = { ...locked, revision: locked.revision + 1, said: { ...locked.said, preparation } }
      await appointments.save(tx, kept)
      return kept
    })
    const [appointment] = await appointmentViews(needs, [after], call)
    return { appointment }
  },
})
