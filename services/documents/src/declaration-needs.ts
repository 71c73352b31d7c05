import type { DocumentsContext } from './context.js'
import type { Declarations } from './store/declarations.js'

/** What is needed to keep what people declare, and to answer it. */
export interface DeclarationNeeds extends Pick<DocumentsContext, 'runtime' | 'tickets'> {
  readonly declarations: Declarations
  /** Told after a commit that wrote a receipt. */
  readonly afterReceipt: () => void
}
