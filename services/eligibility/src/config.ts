import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

/** Configuration of one eligibility instance; every secret is a path. */
export const eligibilityConfig = z.strictObject(commonConfig)
export type EligibilityConfig = z.infer<typeof eligibilityConfig>
