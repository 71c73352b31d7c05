import { addPieces } from './add-pieces.js'
import { answerContest } from './answer-contest.js'
import { answerCorrection } from './answer-correction.js'
import { answerDeclaration } from './answer-declaration.js'
import { answerOffer } from './answer-offer.js'
import { answerPreview } from './answer-preview.js'
import { askForPieces } from './ask-for-pieces.js'
import { assess } from './assess.js'
import { attestAcceptance } from './attest-acceptance.js'
import { bookAppointment } from './book-appointment.js'
import { bookVisit } from './book-visit.js'
import { callNextTicket } from './call-next-ticket.js'
import { cancelAppointment } from './cancel-appointment.js'
import { cancelVisit } from './cancel-visit.js'
import { checkNeed } from './check-need.js'
import { closeTicket } from './close-ticket.js'
import { contestEvidence } from './contest-evidence.js'
import { createFeed } from './create-feed.js'
import { createWebhook } from './create-webhook.js'
import { declare } from './declare.js'
import { deleteWebhook } from './delete-webhook.js'
import { endDelegation } from './end-delegation.js'
import { endFeed } from './end-feed.js'
import { endSubscription } from './end-subscription.js'
import { examineApplication } from './examine-application.js'
import { explainDecision } from './explain-decision.js'
import { findCommunes } from './find-communes.js'
import { getAccessProof } from './get-access-proof.js'
import { getApplication } from './get-application.js'
import { getAppointment } from './get-appointment.js'
import { getCalendar } from './get-calendar.js'
import { getCalendarFile } from './get-calendar-file.js'
import { getConsentOutcome } from './get-consent-outcome.js'
import { getCorrectionReport } from './get-correction-report.js'
import { getDecision } from './get-decision.js'
import { getExchange } from './get-exchange.js'
import { getMe } from './get-me.js'
import { getProcedure } from './get-procedure.js'
import { getRelease } from './get-release.js'
import { getStatementOnHonour } from './get-statement-on-honour.js'
import { getSubscription } from './get-subscription.js'
import { getVisit } from './get-visit.js'
import { holdSlot } from './hold-slot.js'
import { importBusyTimes } from './import-busy-times.js'
import { inviteObservations } from './invite-observations.js'
import { inviteToBook } from './invite-to-book.js'
import { issueDecision } from './issue-decision.js'
import { joinWaitingList } from './join-waiting-list.js'
import { leaveWaitingList } from './leave-waiting-list.js'
import { leaveWaitingListFor } from './leave-waiting-list-for.js'
import { listAccesses } from './list-accesses.js'
import { listAgencies } from './list-agencies.js'
import { listApplications } from './list-applications.js'
import { listAppointments } from './list-appointments.js'
import { listCallbacks } from './list-callbacks.js'
import { listConsents } from './list-consents.js'
import { listContests } from './list-contests.js'
import { listCorrections } from './list-corrections.js'
import { listDeclarationKinds } from './list-declaration-kinds.js'
import { listDeclarationReceivers } from './list-declaration-receivers.js'
import { listDeclarations } from './list-declarations.js'
import { listDelegations } from './list-delegations.js'
import { listEvents } from './list-events.js'
import { listEvidenceTypes } from './list-evidence-types.js'
import { listHoldings } from './list-holdings.js'
import { listOwnContests } from './list-own-contests.js'
import { listOwnDeclarations } from './list-own-declarations.js'
import { listProcedures } from './list-procedures.js'
import { listReAsks } from './list-re-asks.js'
import { listReleases } from './list-releases.js'
import { listReviews } from './list-reviews.js'
import { listServiceTypes } from './list-service-types.js'
import { listSubscriptions } from './list-subscriptions.js'
import { listTickets } from './list-tickets.js'
import { listVisitOffers } from './list-visit-offers.js'
import { listWaiting } from './list-waiting.js'
import { listWebhooks } from './list-webhooks.js'
import { moveAppointment } from './move-appointment.js'
import { openConsentRequest } from './open-consent-request.js'
import type { Operation } from './operation.js'
import { opposeUse } from './oppose-use.js'
import { planAssessment } from './plan-assessment.js'
import { prepareAppointment } from './prepare-appointment.js'
import { prepareDecision } from './prepare-decision.js'
import { previewEvidence } from './preview-evidence.js'
import { publishCalendar } from './publish-calendar.js'
import { readFeed } from './read-feed.js'
import { reassessDecision } from './reassess-decision.js'
import { recomputeDecision } from './recompute-decision.js'
import { recordAsked } from './record-asked.js'
import { recordAttendance } from './record-attendance.js'
import { recordCall } from './record-call.js'
import { recordContact } from './record-contact.js'
import { recordExplicitRequest } from './record-explicit-request.js'
import { recordNotice } from './record-notice.js'
import { recordOpposition } from './record-opposition.js'
import { recordProactiveUse } from './record-proactive-use.js'
import { recordStatementOnHonour } from './record-statement-on-honour.js'
import { registerDelegation } from './register-delegation.js'
import { releaseHold } from './release-hold.js'
import { reportChange } from './report-change.js'
import { reportCorrection } from './report-correction.js'
import { requestCallback } from './request-callback.js'
import { requestEvidence } from './request-evidence.js'
import { resumeWebhook } from './resume-webhook.js'
import { revokeConsent } from './revoke-consent.js'
import { rotateWebhookSecret } from './rotate-webhook-secret.js'
import { searchSlots } from './search-slots.js'
import { searchVisits } from './search-visits.js'
import { seekRights } from './seek-rights.js'
import { sendMessage } from './send-message.js'
import { setLegalHold } from './set-legal-hold.js'
import { simulate } from './simulate.js'
import { submitApplication } from './submit-application.js'
import { subscribeToChanges } from './subscribe-to-changes.js'
import { supplementDeclaration } from './supplement-declaration.js'
import { takeTicket } from './take-ticket.js'
import { upholdDecision } from './uphold-decision.js'
import { withdrawApplication } from './withdraw-application.js'

/** Every operation of the REST door. Each gateway knows all; one of another kind is answered METHOD_UNKNOWN. */
export const operations: readonly Operation[] = [
  getMe,
  listAccesses,
  getAccessProof,
  previewEvidence,
  answerPreview,
  opposeUse,
  listHoldings,
  listOwnContests,
  contestEvidence,
  listDeclarationReceivers,
  declare,
  listOwnDeclarations,
  supplementDeclaration,
  listConsents,
  openConsentRequest,
  getConsentOutcome,
  revokeConsent,
  recordNotice,
  recordExplicitRequest,
  recordProactiveUse,
  recordContact,
  recordOpposition,
  requestEvidence,
  getExchange,
  recordStatementOnHonour,
  getStatementOnHonour,
  checkNeed,
  recordAsked,
  listReAsks,
  subscribeToChanges,
  listSubscriptions,
  getSubscription,
  endSubscription,
  reportChange,
  listEvents,
  createWebhook,
  listWebhooks,
  rotateWebhookSecret,
  resumeWebhook,
  deleteWebhook,
  reportCorrection,
  getCorrectionReport,
  listCorrections,
  answerCorrection,
  listContests,
  answerContest,
  listDeclarations,
  answerDeclaration,
  listProcedures,
  getProcedure,
  listReleases,
  getRelease,
  simulate,
  planAssessment,
  assess,
  seekRights,
  submitApplication,
  listApplications,
  getApplication,
  examineApplication,
  askForPieces,
  addPieces,
  sendMessage,
  withdrawApplication,
  attestAcceptance,
  prepareDecision,
  issueDecision,
  getDecision,
  explainDecision,
  recomputeDecision,
  setLegalHold,
  listDelegations,
  registerDelegation,
  endDelegation,
  listReviews,
  reassessDecision,
  inviteObservations,
  upholdDecision,
  publishCalendar,
  getCalendar,
  importBusyTimes,
  createFeed,
  endFeed,
  readFeed,
  listServiceTypes,
  searchSlots,
  findCommunes,
  holdSlot,
  releaseHold,
  bookAppointment,
  listAppointments,
  getAppointment,
  moveAppointment,
  cancelAppointment,
  recordAttendance,
  prepareAppointment,
  getCalendarFile,
  inviteToBook,
  joinWaitingList,
  listWaiting,
  answerOffer,
  leaveWaitingList,
  leaveWaitingListFor,
  listVisitOffers,
  searchVisits,
  bookVisit,
  getVisit,
  cancelVisit,
  takeTicket,
  callNextTicket,
  closeTicket,
  listTickets,
  requestCallback,
  listCallbacks,
  recordCall,
  listAgencies,
  listEvidenceTypes,
  listDeclarationKinds,
]
