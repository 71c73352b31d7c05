import type { Postgres } from '@unefois/chassis/postgres'
import { type Served, served } from '@unefois/chassis/service'
import { DeclarationServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import type { DeclarationNeeds } from './declaration-needs.js'
import { answerDeclaration } from './rpc/answer-declaration.js'
import { listDeclarations } from './rpc/list-declarations.js'
import { listOwnDeclarations } from './rpc/list-own-declarations.js'
import { receiveDeclaration } from './rpc/receive-declaration.js'
import { supplementDeclaration } from './rpc/supplement-declaration.js'
import { Declarations } from './store/declarations.js'
import type { SubjectKeys } from './store/subject-keys.js'

/** What declarations are kept in, and who is told of a receipt. */
export type DeclarationParts = Pick<DeclarationNeeds, 'declarations' | 'afterReceipt'>

interface Ground {
  readonly postgres: Postgres
  readonly subjectKeys: SubjectKeys
  readonly recordKey: Uint8Array
  /** Told after each commit of a receipt. */
  readonly afterCommit: () => void
}

export const openDeclarations = ({ afterCommit, ...ground }: Ground): DeclarationParts => ({
  declarations: new Declarations(ground),
  afterReceipt: afterCommit,
})

/** A further contract of the documents service. */
export const declarationService = (needs: DeclarationNeeds): Served =>
  served(DeclarationServiceDefinition, {
    receiveDeclaration: receiveDeclaration(needs),
    supplementDeclaration: supplementDeclaration(needs),
    listOwnDeclarations: listOwnDeclarations(needs),
    listDeclarations: listDeclarations(needs),
    answerDeclaration: answerDeclaration(needs),
  })

/** Forgets what no retention covers. */
export const keepDeclarations = async ({ runtime, declarations }: DeclarationNeeds): Promise<void> => {
  await declarations.deleteEnded(runtime.clock.nowMs())
}
