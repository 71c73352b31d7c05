import type { Transaction } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ContestEvidenceRequest,
  ContestEvidenceResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ContestNeeds } from '../correction-needs.js'
import { mostOpenContests } from '../domain/contest.js'
import { addAgencyEvent } from '../store/agency-events.js'
import type { Contested } from '../store/contests.js'
import { newestDeclared } from '../store/declared-versions.js'
import { basis, evidenceType, isPath, token } from './fields.js'
import { openPortalTicket } from './portal-ticket.js'

/** The versions of a register are the agency's own; of declared evidence there must be such a version. */
const requireHeld = async (
  { holdings, runtime }: Pick<ContestNeeds, 'holdings' | 'runtime'>,
  contested: Contested,
): Promise<void> => {
  if (holdings.isElsewhere(contested.evidenceType)) return
  if (contested.version > (await newestDeclared(runtime.postgres, contested))) throw new MeshError('EVIDENCE_UNKNOWN')
}

/** Keeps the contest unless it is kept already; answers since when it is. */
const keep = async ({ contests }: ContestNeeds, tx: Transaction, contested: Contested): Promise<number> => {
  await contests.lockSubject(tx, contested.subject)
  const known = await contests.lock(tx, contested.contestId)
  if (known) {
    const isSame = (['subject', 'evidenceType', 'version', 'field', 'statement'] as const).every(
      (name) => known[name] === contested[name],
    )
    if (isSame) return known.contestedAtMs
  }
  if (known || (await contests.isTaken(tx, contested.contestId))) throw new MeshError('IDEMPOTENCY_KEY_REUSED')
  if ((await contests.countOpen(tx, contested.subject)) >= mostOpenContests)
    throw new MeshError('CONTEST_LIMIT_REACHED')
  await contests.insert(tx, contested)
  await addAgencyEvent(tx, 'contest-opened', contested.contestId, contested.contestedAtMs)
  return contested.contestedAtMs
}

/** Errors: those of a portal ticket, EVIDENCE_UNKNOWN, CONTEST_LIMIT_REACHED, IDEMPOTENCY_KEY_REUSED for an id in use. */
export const contestEvidence = (needs: ContestNeeds): PlainRpc<ContestEvidenceRequest, ContestEvidenceResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    contestId: z.uuid(),
    evidenceType,
    version: z.number().int().positive(),
    field: z
      .string()
      .max(200)
      .refine((field) => field === '' || isPath(field), 'not a path'),
    statement: z
      .string()
      .min(1)
      .max(2000)
      .refine((text) => text.trim() !== '', 'says nothing'),
  }),
  handle: async (request, call) => {
    const { runtime } = needs
    const { sub: subject } = openPortalTicket(needs, request, call)
    const { evidenceType: type, version, field, statement } = request
    // As the database spells it, which is what the encryption is bound to.
    const contestId = request.contestId.toLowerCase()
    const contestedAtMs = Math.floor(runtime.clock.nowMs())
    const contested = { contestId, subject, evidenceType: type, version, field, statement, contestedAtMs }
    await requireHeld(needs, contested)
    return { contestedAtMs: await runtime.postgres.transaction((tx) => keep(needs, tx, contested)) }
  },
})
