import type { Transaction } from '@unefois/chassis/postgres'
import type { Application, ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { EligibilityContext } from './context.js'
import type { Decisions } from './store/decisions.js'
import type { Delegations } from './store/delegations.js'

/** What registering a delegation needs. */
export type DelegationNeeds = Pick<EligibilityContext, 'runtime' | 'procedures'> & { readonly delegations: Delegations }

/** What decisions need of applications. */
export interface DecidedApplications {
  /** An application as it stands, its clock as it reads now; undefined where there is none. */
  get(applicationId: string): Promise<Application | undefined>
  /** The same; nobody changes it until the transaction ends. */
  lock(tx: Transaction, applicationId: string): Promise<Application | undefined>
  /** Ends an application that was locked, and tells the feed. */
  decide(tx: Transaction, application: Application, decided: ApplicationDecided): Promise<void>
}

export interface ApplicationDecided {
  readonly state: ApplicationState
  readonly decisionId: string
  readonly atMs: number
  /** The decision in the place of which it comes; absent for the first. */
  readonly replaces?: string | undefined
}

/** What reading a decision needs. */
export type DecisionReading = Pick<EligibilityContext, 'runtime' | 'book' | 'releases'> & {
  readonly decisions: Decisions
}

/** What issuing a decision needs. */
export type DecisionNeeds = DelegationNeeds &
  DecisionReading &
  Pick<EligibilityContext, 'procedureBook' | 'decisionKey' | 'reviews'> & { readonly applications: DecidedApplications }
