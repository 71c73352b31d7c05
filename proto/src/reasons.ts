/**
 * The closed list of reasons for which the mesh says no. The same string is in the gRPC detail, the HTTP problem type
 * (RFC 9457), the log, the metric and the documentation. Anything that is not in this table is INTERNAL.
 */

import { appointmentReasons } from './appointment-reasons.js'
import { benefitReasons } from './benefit-reasons.js'
import { entry, type ReasonEntry } from './reason-entry.js'

export const reasons = {
  TOKEN_MISSING: entry(
    'UNAUTHENTICATED',
    401,
    'No access token was given.',
    'Send an access token issued by this agency’s identity service.',
  ),
  TOKEN_MALFORMED: entry(
    'UNAUTHENTICATED',
    401,
    'The token is not a canonical compact JWS or JWE.',
    'Send the token exactly as it was issued.',
  ),
  TOKEN_TYPE_WRONG: entry(
    'UNAUTHENTICATED',
    401,
    'The token is of another type than this use asks for.',
    'Use the token type named in the documentation of this operation.',
  ),
  TOKEN_ALGORITHM_REFUSED: entry(
    'UNAUTHENTICATED',
    401,
    'The token names an algorithm that this issuer is not registered with.',
    'Sign with the algorithm of the registered key.',
  ),
  TOKEN_KEY_UNKNOWN: entry(
    'UNAUTHENTICATED',
    401,
    'The issuer or its key is not in the federation list in force.',
    'Check the issuer and the kid against the federation list.',
  ),
  TOKEN_SIGNATURE_INVALID: entry(
    'UNAUTHENTICATED',
    401,
    'The signature does not verify, or the content was not sealed for this receiver.',
    'Obtain a new token from its issuer.',
  ),
  TOKEN_CLAIMS_INVALID: entry(
    'UNAUTHENTICATED',
    401,
    'A claim of the token is missing or malformed.',
    'Obtain a new token from its issuer.',
  ),
  TOKEN_EXPIRED: entry('UNAUTHENTICATED', 401, 'The token has expired.', 'Obtain a new token.'),
  TOKEN_NOT_YET_VALID: entry(
    'UNAUTHENTICATED',
    401,
    'The token is not valid yet.',
    'Check the clock of the issuing machine; at most 60 s of skew are allowed.',
  ),
  TOKEN_AUDIENCE_WRONG: entry(
    'UNAUTHENTICATED',
    401,
    'The token was issued for another audience.',
    'Ask your own identity service for a token of this audience.',
  ),
  TOKEN_REPLAYED: entry(
    'UNAUTHENTICATED',
    401,
    'This single-use token was already accepted once.',
    'Sign a new one for each request.',
  ),
  CLIENT_UNKNOWN: entry(
    'UNAUTHENTICATED',
    401,
    'The client is not registered with this agency.',
    'Ask the agency to register the client and its public key.',
  ),

  CALLER_NOT_ALLOWED: entry(
    'PERMISSION_DENIED',
    403,
    'This kind of caller may not use this operation.',
    'See the access rule of the operation in its contract.',
  ),
  ASSURANCE_TOO_LOW: entry(
    'PERMISSION_DENIED',
    403,
    'The login was at a lower assurance level than this operation asks for.',
    'Log in again at the level named in required_acr.',
  ),
  SENDER_MISMATCH: entry(
    'PERMISSION_DENIED',
    403,
    'The member that the broker proved is not the one that signed the message.',
    'Send with the calling account of the member that signs.',
  ),

  DEADLINE_MISSING: entry('INVALID_ARGUMENT', 400, 'The call carries no deadline.', 'Set a deadline on each call.'),
  DEADLINE_EXCEEDED: entry(
    'DEADLINE_EXCEEDED',
    504,
    'The time left was not enough to do the work.',
    'Call again with a longer deadline.',
  ),
  REQUEST_MALFORMED: entry(
    'INVALID_ARGUMENT',
    400,
    'The request cannot be read.',
    'Encode the request as its contract says.',
  ),
  REQUEST_INVALID: entry(
    'INVALID_ARGUMENT',
    400,
    'A field of the request is missing or not allowed.',
    'Correct the field named in the message.',
  ),
  FILTER_UNKNOWN: entry(
    'INVALID_ARGUMENT',
    400,
    'Nothing in this list could have the value that a filter asks for.',
    'Use one of the values named in the facts, or leave the filter out.',
  ),
  PAGE_TOKEN_MISMATCH: entry(
    'INVALID_ARGUMENT',
    400,
    'The page token was given under other filters, or by another list.',
    'Ask with the filters of the page before, or begin again without a page token.',
  ),
  REQUEST_TOO_LARGE: entry(
    'RESOURCE_EXHAUSTED',
    413,
    'The message is larger than the limit.',
    'Send at most 256 kB; larger content goes by encrypted reference.',
  ),
  CONTENT_TYPE_UNSUPPORTED: entry(
    'INVALID_ARGUMENT',
    415,
    'The content type is not one that this operation reads.',
    'Send application/json.',
  ),
  RATE_LIMITED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'Too many requests in a short time.',
    'Wait for the time in Retry-After, then call again.',
  ),
  METHOD_UNKNOWN: entry(
    'UNIMPLEMENTED',
    404,
    'There is no such operation here.',
    'Check the name against the contract.',
  ),
  IDEMPOTENCY_KEY_MISSING: entry(
    'INVALID_ARGUMENT',
    400,
    'This operation has an effect and needs an idempotency key.',
    'Send a fresh idempotency-key, and the same one when you retry.',
  ),
  IDEMPOTENCY_KEY_REUSED: entry(
    'FAILED_PRECONDITION',
    422,
    'The same idempotency key came with another request.',
    'Use a fresh key for each new request.',
  ),
  IDEMPOTENCY_IN_PROGRESS: entry(
    'ABORTED',
    409,
    'The first request with this idempotency key is still running.',
    'Call again in a moment with the same key.',
  ),

  FEDERATION_LIST_EXPIRED: entry(
    'UNAVAILABLE',
    503,
    'The federation list is older than 24 hours and none newer could be had.',
    'Check that the federation signer is reachable.',
  ),
  FEDERATION_LIST_INVALID: entry(
    'FAILED_PRECONDITION',
    500,
    'The federation list is not one that this member may accept.',
    'Fetch the list signed by the federation signer, with a serial at least as high.',
  ),
  MEMBER_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such member in the federation list in force.',
    'See GET /v1/agencies for the members.',
  ),
  EVIDENCE_TYPE_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such evidence type in the federation list in force.',
    'See GET /v1/evidence-types.',
  ),
  PURPOSE_NOT_AUTHORISED: entry(
    'PERMISSION_DENIED',
    403,
    'No authorisation in force lets this requester have this evidence for this purpose.',
    'Ask the provider for an authorisation; it needs the provider’s own signature.',
  ),
  FIELD_NOT_AUTHORISED: entry(
    'PERMISSION_DENIED',
    403,
    'A requested field or predicate is not in the authorisation.',
    'Ask only for the fields of the authorisation.',
  ),

  SUBJECT_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'Nobody is known here under this pseudonym.',
    'Enrol the person at your identity service first.',
  ),
  TICKET_INVALID: entry(
    'UNAUTHENTICATED',
    401,
    'The subject ticket cannot be opened or was not issued by the identity authority.',
    'Request a new ticket.',
  ),
  TICKET_MISUSED: entry(
    'PERMISSION_DENIED',
    403,
    'The ticket was issued for another requester, provider, purpose, person or basis.',
    'Request a ticket for exactly this exchange.',
  ),
  LOGIN_HANDLE_INVALID: entry(
    'UNAUTHENTICATED',
    401,
    'The login handle is unknown, expired, or another agency’s.',
    'Exchange the person’s token again.',
  ),
  SUBJECT_SPLIT: entry(
    'FAILED_PRECONDITION',
    409,
    'This pseudonym stood for more than one person and stands for nobody now.',
    'Enrol the person again, with the pivot identity that your own register holds.',
  ),
  SUBJECT_DECEASED: entry(
    'FAILED_PRECONDITION',
    409,
    'The person has died, so nothing is asked in their name.',
    'Go on as your own procedure for the deceased says; the heirs are reached at a counter.',
  ),
  AGE_NOT_REACHED: entry(
    'PERMISSION_DENIED',
    403,
    'This may be asked only about somebody who has surely reached the age that its provider has set.',
    'Offer the person another route: a document of their own, or a counter.',
  ),
  PIVOT_TAKEN: entry(
    'FAILED_PRECONDITION',
    409,
    'Another entry of the register has this pivot identity.',
    'Check the pivot identity; if both entries are one person, merge them.',
  ),
  ENROLMENT_QUOTA_REACHED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'This agency has asked about as many people today as it may.',
    'Send the same entries again tomorrow (UTC); none of this call was taken in.',
  ),
  QUESTION_UNKNOWN: entry('NOT_FOUND', 404, 'There is no such question.', 'List the questions that are open.'),
  QUESTION_DECIDED: entry(
    'FAILED_PRECONDITION',
    409,
    'This question was decided before.',
    'Read the decision; a wrong one is put right by a merge or a split.',
  ),
  PROTECTION_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such protection that this caller may end.',
    'Check the id; a protection is ended by who recorded it, or by the identity authority’s staff.',
  ),

  NOTICE_REQUIRED: entry(
    'FAILED_PRECONDITION',
    412,
    'The person has not been told of this exchange.',
    'Record the notice shown to the person and send its basis id.',
  ),
  NOTICE_MISMATCH: entry(
    'PERMISSION_DENIED',
    403,
    'The notice covers another provider, purpose, evidence type or basis.',
    'Record a notice for exactly this exchange.',
  ),
  STATEMENT_REQUIRED: entry(
    'FAILED_PRECONDITION',
    412,
    'The exchange rests on nothing: its mode asks for a signed statement.',
    'Record the person’s request, or the proactive use, and send its basis id.',
  ),
  STATEMENT_MISMATCH: entry(
    'PERMISSION_DENIED',
    403,
    'The statement is of another mode, or covers another provider, purpose, evidence type or basis.',
    'Record a statement for exactly this exchange.',
  ),
  PREVIEW_REQUIRED: entry(
    'FAILED_PRECONDITION',
    412,
    'The person has not seen and confirmed what would be released.',
    'Send the person to the portal’s preview page, then ask again.',
  ),
  PREVIEW_DECLINED: entry(
    'FAILED_PRECONDITION',
    409,
    'The person has seen what would be released and declined.',
    'Offer the person another route; never hold the answer against them.',
  ),
  OPPOSITION_STANDS: entry(
    'PERMISSION_DENIED',
    403,
    'The person opposes the proactive use of their data for this purpose.',
    'Neither ask nor contact them by this route; whatever they ask for themselves stays open.',
  ),
  PURPOSE_LOCKED: entry(
    'PERMISSION_DENIED',
    403,
    'What was collected is read for the purpose that it was collected for, and for no other.',
    'Name that purpose; for another one, ask anew under an authorisation of its own.',
  ),
  CONSENT_REQUIRED: entry(
    'FAILED_PRECONDITION',
    412,
    'This exchange needs the person’s consent and there is none.',
    'Open a consent request; the person answers it at the consent authority.',
  ),
  CONSENT_MISMATCH: entry(
    'PERMISSION_DENIED',
    403,
    'The consent is for another requester, purpose, person or evidence.',
    'Open a consent request for exactly this exchange.',
  ),
  CONSENT_EXPIRED: entry(
    'PERMISSION_DENIED',
    403,
    'The consent has ended.',
    'Ask the person again if the need remains.',
  ),
  CONSENT_REVOKED: entry(
    'PERMISSION_DENIED',
    403,
    'The person has withdrawn the consent.',
    'Offer the person another route; never hold the withdrawal against them.',
  ),
  CONSENT_REFUSED: entry(
    'FAILED_PRECONDITION',
    409,
    'The person has refused the consent.',
    'Offer the person another route.',
  ),
  CONSENT_REQUEST_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such consent request for this person.',
    'Open the link again, logged in as the person who was asked.',
  ),
  CONSENT_REQUEST_CLOSED: entry(
    'FAILED_PRECONDITION',
    409,
    'The consent request was already answered or has expired.',
    'Open a new consent request.',
  ),
  CONSENT_UNKNOWN: entry('NOT_FOUND', 404, 'There is no such consent for this person.', 'See GET /v1/me/consents.'),
  RETURN_URL_NOT_REGISTERED: entry(
    'FAILED_PRECONDITION',
    422,
    'The return address is not registered for this member.',
    'Use a return address of the federation list.',
  ),
  REVOCATION_FEED_STALE: entry(
    'UNAVAILABLE',
    503,
    'The provider cannot be sure that no consent was withdrawn, so it releases nothing on consent.',
    'Try again in a few seconds; other modes go on.',
  ),

  PREDICATE_LIMIT_REACHED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'This predicate was asked too often about this person.',
    'Wait until tomorrow.',
  ),
  EVIDENCE_INVALID: entry(
    'INVALID_ARGUMENT',
    422,
    'The evidence does not match the schema of its type.',
    'Correct the field named in the message.',
  ),
  EVIDENCE_OBTAINED: entry(
    'FAILED_PRECONDITION',
    409,
    'A source has confirmed this already, so the person is not asked to state it.',
    'Use the evidence of that exchange; the person may have it corrected.',
  ),
  EVIDENCE_SUPERSEDED: entry(
    'ABORTED',
    409,
    'A newer version of this evidence exists.',
    'Read the newest version and correct that one.',
  ),
  EVIDENCE_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such version of this evidence here.',
    'Check the subject, the evidence type and the version.',
  ),
  CORRECTION_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such correction here.',
    'List the corrections that are open.',
  ),
  CORRECTION_ANSWERED: entry(
    'FAILED_PRECONDITION',
    409,
    'This correction was answered before, in another way.',
    'Read the answer that was given; it stands.',
  ),
  CONTEST_UNKNOWN: entry('NOT_FOUND', 404, 'There is no such contest here.', 'List the contests that are open.'),
  CONTEST_ANSWERED: entry(
    'FAILED_PRECONDITION',
    409,
    'This contest was answered before.',
    'Read the answer; what turns out to be wrong later is reported as a correction.',
  ),
  CONTEST_LIMIT_REACHED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'This person has as many contests open here as one may have.',
    'Wait for an answer, or reach the agency at a counter or by telephone.',
  ),
  CHANGES_NOT_AUTHORISED: entry(
    'PERMISSION_DENIED',
    403,
    'The provider has not signed that this requester is told of changes.',
    'Ask for the evidence when it is needed; or check the authorisation with the provider.',
  ),
  SUBSCRIPTION_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such subscription here.',
    'List the subscriptions that are in force.',
  ),
  POSITION_TOO_OLD: entry(
    'FAILED_PRECONDITION',
    410,
    'Events after this position are kept no longer.',
    'List the events from the beginning, and what they refer to.',
  ),
  STREAM_LIMIT_REACHED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'This client holds as many streams open as one may.',
    'Close one of them, or read from the ones that are open.',
  ),
  WEBHOOK_URL_NOT_ALLOWED: entry(
    'INVALID_ARGUMENT',
    400,
    'This address is not one that the agency allows events to be sent to.',
    'Use an https address whose origin stands in the gateway’s configuration.',
  ),
  WEBHOOK_UNKNOWN: entry('NOT_FOUND', 404, 'There is no such webhook for this client.', 'List the webhooks.'),
  WEBHOOK_LIMIT_REACHED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'This client has as many webhooks as one may.',
    'Delete one of them first.',
  ),
  DECLARATION_KIND_UNKNOWN: entry(
    'NOT_FOUND',
    404,
    'There is no such kind of declaration.',
    'List the kinds of declaration of the federation.',
  ),
  DECLARATION_INVALID: entry(
    'INVALID_ARGUMENT',
    422,
    'What was declared is not what this kind of declaration asks.',
    'Correct the field named in the facts.',
  ),
  DECLARATION_NOT_RECEIVED: entry(
    'PERMISSION_DENIED',
    403,
    'This body does not receive such a declaration of this person.',
    'Choose among the bodies that are offered, or tell the body at a counter or by telephone.',
  ),
  DECLARATION_UNKNOWN: entry('NOT_FOUND', 404, 'There is no such declaration here.', 'List the declarations.'),
  DECLARATION_ANSWERED: entry(
    'FAILED_PRECONDITION',
    409,
    'This declaration was answered for good.',
    'Read the answer; what is new is declared anew.',
  ),
  DECLARATION_NOTHING_MISSING: entry(
    'FAILED_PRECONDITION',
    409,
    'Nothing more was asked for in this declaration.',
    'Wait for the answer, or declare anew what has changed.',
  ),
  DECLARATION_DEADLINE_RUNNING: entry(
    'FAILED_PRECONDITION',
    409,
    'The person still has time to send what was asked for.',
    'Wait until the deadline is over, or accept the declaration.',
  ),
  DECLARATION_LIMIT_REACHED: entry(
    'RESOURCE_EXHAUSTED',
    429,
    'This person has declared as much here within a day as one may.',
    'Try again tomorrow, or reach the agency at a counter or by telephone.',
  ),
  ...benefitReasons,
  ...appointmentReasons,
  EXCHANGE_UNKNOWN: entry('NOT_FOUND', 404, 'There is no such exchange for this caller.', 'Check the exchange id.'),
  REPLY_MISMATCH: entry(
    'INTERNAL',
    502,
    'The reply received belongs to another request.',
    'Call again; the incident is logged.',
  ),
  PROVIDER_UNREACHABLE: entry(
    'UNAVAILABLE',
    503,
    'The other member did not answer in time.',
    'Try again, or use one of the other routes.',
  ),
  LOGIN_REQUIRED: entry(
    'UNAUTHENTICATED',
    401,
    'This page needs a login.',
    'Log in, or use a counter or the telephone.',
  ),
  ORIGIN_NOT_ALLOWED: entry(
    'PERMISSION_DENIED',
    403,
    'The form was sent from another site.',
    'Open the page again and send the form from there.',
  ),
  UNAVAILABLE: entry('UNAVAILABLE', 503, 'The service is not ready.', 'Try again in a moment.'),
  INTERNAL: entry('INTERNAL', 500, 'Something failed on our side.', 'Try again; quote the trace id if it persists.'),
} as const satisfies Record<string, ReasonEntry>

export type Reason = keyof typeof reasons

export const isReason = (value: string): value is Reason => Object.hasOwn(reasons, value)

/**
 * A typed refusal. `message` is in plain words and free of personal data; `cause` stays in the log and never crosses a door.
 * `facts` are machine-readable and public (for instance `required_acr`, `field`).
 */
export class MeshError extends Error {
  override readonly name = 'MeshError'
  readonly reason: Reason
  readonly facts: Readonly<Record<string, string>>

  constructor(reason: Reason, options: { detail?: string; cause?: unknown; facts?: Record<string, string> } = {}) {
    super(
      options.detail ? `${reasons[reason].title} ${options.detail}` : reasons[reason].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.reason = reason
    this.facts = Object.freeze({ ...options.facts })
  }
}

/** Any thrown value as a MeshError; what is not one becomes INTERNAL with the original as `cause`. */
export const toMeshError = (thrown: unknown): MeshError =>
  thrown instanceof MeshError ? thrown : new MeshError('INTERNAL', { cause: thrown })
