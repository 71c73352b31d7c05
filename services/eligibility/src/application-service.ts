import { type Served, served } from '@unefois/chassis/service'
import { ApplicationServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { ApplicationNeeds } from './application-needs.js'
import { addPieces } from './rpc/add-pieces.js'
import { askForPieces } from './rpc/ask-for-pieces.js'
import { attestAcceptance } from './rpc/attest-acceptance.js'
import { examineApplication } from './rpc/examine-application.js'
import { getApplication } from './rpc/get-application.js'
import { listApplications } from './rpc/list-applications.js'
import { sendMessage } from './rpc/send-message.js'
import { submitApplication } from './rpc/submit-application.js'
import { withdrawApplication } from './rpc/withdraw-application.js'

/** A further contract of the eligibility service. */
export const applicationService = (needs: ApplicationNeeds): Served =>
  served(ApplicationServiceDefinition, {
    submitApplication: submitApplication(needs),
    getApplication: getApplication(needs),
    listApplications: listApplications(needs),
    examineApplication: examineApplication(needs),
    askForPieces: askForPieces(needs),
    addPieces: addPieces(needs),
    sendMessage: sendMessage(needs),
    withdrawApplication: withdrawApplication(needs),
    attestAcceptance: attestAcceptance(needs),
  })
