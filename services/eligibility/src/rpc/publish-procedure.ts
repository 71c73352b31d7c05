import { callerName } from '@unefois/chassis/caller'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  PublishProcedureRequest,
  PublishProcedureResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { faultsOfProcedure } from '../domain/procedure.js'
import { readProcedure } from '../read-procedure.js'
import { sha256Of } from '../yaml-source.js'
import { invalidSource } from './faults.js'
import { source } from './fields.js'
import { procedureView } from './procedure-view.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'procedures' | 'reach'>

/** Checks a procedure against the federation as it stands, and keeps it. Error: PROCEDURE_INVALID with its faults. */
export const publishProcedure = (needs: Needs): PlainRpc<PublishProcedureRequest, PublishProcedureResponse> => ({
  request: z.object({ source }),
  handle: async (request, { caller }) => {
    const { runtime, procedures } = needs
    const read = readProcedure(request.source)
    if (!('value' in read)) throw invalidSource('PROCEDURE_INVALID', read)
    const reach = await needs.reach()
    const faults = faultsOfProcedure(read.value, reach)
    if (faults.length > 0) throw invalidSource('PROCEDURE_INVALID', faults)
    const published = {
      id: read.value.id,
      sha256: sha256Of(request.source),
      source: request.source,
      publishedAtMs: runtime.clock.nowMs(),
      publishedBy: callerName(caller),
    }
    const kept = await runtime.postgres.transaction(async (tx) => {
      await procedures.lock(tx)
      const known = await procedures.get(published.id, tx)
      if (known?.sha256 === published.sha256) return known
      await procedures.add(tx, published)
      return published
    })
    return { procedure: procedureView(kept, reach) }
  },
})
