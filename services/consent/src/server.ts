import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import {
  ConsentAuthorityServiceDefinition,
  ConsentServiceDefinition,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { subjectConsumers } from '@unefois/subjects/consumers'
import { everybodyReady } from '@unefois/subjects/subjects'
import type { ConsentAuthorityConfig, ConsentConfig } from './config.js'
import { authorityFromConfig, type ConsentAuthorityContext, type ConsentContext, fromConfig } from './context.js'
import { onChangeApplied } from './events/on-change-applied.js'
import { onConsentChanged } from './events/on-consent-changed.js'
import { onOwnChangeApplied } from './events/on-own-change-applied.js'
import { onUseOpposed } from './events/on-use-opposed.js'
import { getBasis } from './rpc/get-basis.js'
import { getConsentOutcome } from './rpc/get-consent-outcome.js'
import { getConsentRequest } from './rpc/get-consent-request.js'
import { grantConsent } from './rpc/grant-consent.js'
import { grantLease } from './rpc/grant-lease.js'
import { listConsents } from './rpc/list-consents.js'
import { openConsentRequest } from './rpc/open-consent-request.js'
import { pushConsentRequest } from './rpc/push-consent-request.js'
import { recordContact } from './rpc/record-contact.js'
import { recordExplicitRequest } from './rpc/record-explicit-request.js'
import { recordNotice } from './rpc/record-notice.js'
import { recordProactiveUse } from './rpc/record-proactive-use.js'
import { refuseConsent } from './rpc/refuse-consent.js'
import { renewLease } from './rpc/renew-lease.js'
import { revokeConsent } from './rpc/revoke-consent.js'
import { deleteEndedOppositions } from './store/oppositions.js'

const retentionMs = 60_000
/** How often a part of a move to another epoch of pseudonyms is made, while one is under way. */
const moveMs = 1000

const sealedText = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/

/** The person in a ticket; undefined for any other text, and for a ticket that does not open: its RPC refuses it. */
const subjectOfTicket = ({ tickets }: Pick<ConsentAuthorityContext, 'tickets'>, text: string): string | undefined => {
  if (!sealedText.test(text)) return undefined
  try {
    return tickets.openTicket(text).sub
  } catch {
    return undefined
  }
}

/** What one member's consent puts behind its doors. */
export const consentParts = (context: ConsentContext) => ({
  definition: ConsentServiceDefinition,
  implementation: {
    recordNotice: recordNotice(context),
    recordExplicitRequest: recordExplicitRequest(context),
    recordProactiveUse: recordProactiveUse(context),
    recordContact: recordContact(context),
    getBasis: getBasis(context),
    openConsentRequest: openConsentRequest(context),
    getConsentOutcome: getConsentOutcome(context),
    renewLease: renewLease(context),
  },
  prepare: everybodyReady(context.subjects, () => undefined),
  consumers: {
    ...subjectConsumers(context.subjects, context.clock),
    'consent.consent-changed.v1': onConsentChanged(context),
    'consent.change-applied.v1': onOwnChangeApplied(context),
    'documents.use-opposed.v1': onUseOpposed(context),
  },
  chores: [
    { everyMs: moveMs, run: () => context.subjects.moveOn() },
    {
      everyMs: retentionMs,
      run: async () => void (await deleteEndedOppositions(context.postgres, context.clock.nowMs())),
    },
  ],
})

/** What the consent authority puts behind its doors. */
export const consentAuthorityParts = (context: ConsentAuthorityContext) => ({
  definition: ConsentAuthorityServiceDefinition,
  implementation: {
    pushConsentRequest: pushConsentRequest(context),
    getConsentRequest: getConsentRequest(context),
    grantConsent: grantConsent(context),
    refuseConsent: refuseConsent(context),
    listConsents: listConsents(context),
    revokeConsent: revokeConsent(context),
    grantLease: grantLease(context),
  },
  prepare: everybodyReady(context.subjects, (text) => subjectOfTicket(context, text)),
  consumers: {
    ...subjectConsumers(context.subjects, context.clock),
    'consent.change-applied.v1': onChangeApplied(context),
  },
  chores: [{ everyMs: moveMs, run: () => context.subjects.moveOn() }],
  afterCommit: () => context.wakes.wake(),
})

/** Starts one member's own consent instance. */
export const startConsent = async (
  config: ConsentConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const { runtime, context } = await fromConfig(config, overrides)
  return startService(runtime, config, consentParts(context))
}

/** Starts the consent authority. */
export const startConsentAuthority = async (
  config: ConsentAuthorityConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const { runtime, context } = await authorityFromConfig(config, overrides)
  return startService(runtime, config, consentAuthorityParts(context))
}
