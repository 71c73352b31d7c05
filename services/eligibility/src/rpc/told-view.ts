import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { FactTold } from '../gather.js'
import { factView } from './facts-given.js'

/** A fact that evidence told, as the contract writes it. */
export const toldView = ({ name, value, ...from }: FactTold): FactUsed => ({
  ...from,
  fact: factView(name, value),
  isSelfDeclared: false,
})
