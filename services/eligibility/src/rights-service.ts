import { type Served, served } from '@unefois/chassis/service'
import { RightsServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import type { RightsNeeds } from './rights-needs.js'
import { seekRights } from './rpc/seek-rights.js'

/** A further contract of the eligibility service. */
export const rightsService = (needs: RightsNeeds): Served =>
  served(RightsServiceDefinition, { seekRights: seekRights(needs) })
