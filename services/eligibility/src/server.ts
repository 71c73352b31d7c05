import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, served, startService } from '@unefois/chassis/service'
import { EligibilityServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { ProcedureServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { RuleServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import type { EligibilityConfig } from './config.js'
import { fromConfig } from './context.js'
import { assess } from './rpc/assess.js'
import { getProcedure } from './rpc/get-procedure.js'
import { getRelease } from './rpc/get-release.js'
import { listProcedures } from './rpc/list-procedures.js'
import { listReleases } from './rpc/list-releases.js'
import { planAssessment } from './rpc/plan-assessment.js'
import { publishProcedure } from './rpc/publish-procedure.js'
import { publishRelease } from './rpc/publish-release.js'
import { simulate } from './rpc/simulate.js'

/** Starts one eligibility instance of one member. */
export const startEligibility = async (
  config: EligibilityConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  return startService(context.runtime, config, {
    definition: EligibilityServiceDefinition,
    implementation: {
      simulate: simulate(context),
      planAssessment: planAssessment(context),
      assess: assess(context),
    },
    further: [
      served(RuleServiceDefinition, {
        publishRelease: publishRelease(context),
        listReleases: listReleases(context),
        getRelease: getRelease(context),
      }),
      served(ProcedureServiceDefinition, {
        publishProcedure: publishProcedure(context),
        listProcedures: listProcedures(context),
        getProcedure: getProcedure(context),
      }),
    ],
    consumers: {},
  })
}
