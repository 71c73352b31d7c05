import { reachesAssurance } from '@unefois/chassis/caller'
import type { Deadline } from '@unefois/chassis/deadline'
import {
  type DeclarationKind,
  type DeclarationReceiver,
  type Declared,
  readDeclared,
} from '@unefois/proto/declaration-kind'
import { ownDeclarationPurpose } from '@unefois/proto/federation-list'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { AskingMembers, type FromMembers, idOf, together } from './asking-members.js'
import type { GatewayContext } from './context.js'
import type { Language } from './language.js'
import { PersonalAccess } from './personal-access.js'
import type { Person } from './personal-tickets.js'
import { type OwnDeclarationView, ownDeclarationView, type ReceiptView, receiptView } from './rest/declaration-views.js'
import { proofView } from './rest/get-access-proof.js'

/** As many of a person's declarations at one member are looked through for a receipt. */
const mostLooked = 50
/** What a person wants to tell, and whom. */
export interface Declaring {
  readonly kind: string
  readonly content: unknown
  readonly agencies: readonly string[]
  readonly language: Language
}

/** What became of it at one member: its receipt, or why there is none. */
export interface SentDeclaration {
  readonly agency: string
  readonly receipt: ReceiptView | null
  readonly reason: Reason | null
}

interface Asking {
  readonly person: Person
  readonly accessToken: string
  readonly deadline: Deadline
}

type Needs = Pick<GatewayContext, 'neighbours' | 'members' | 'federation' | 'clock' | 'tickets'>

/** What a logged-in person declares to members of their choice; nothing of it stays at the portal. */
export class OwnDeclarations {
  readonly #needs: Needs
  readonly #asking: AskingMembers

  constructor(needs: Needs) {
    this.#needs = needs
    this.#asking = new AskingMembers(needs, ownDeclarationPurpose)
  }

  /** What can be declared here. */
  get kinds(): readonly DeclarationKind[] {
    return this.#needs.federation.current.claims.declarations ?? []
  }

  /** A kind that this login may declare. Errors: DECLARATION_KIND_UNKNOWN, ASSURANCE_TOO_LOW. */
  kind(id: string, { acr }: Person): DeclarationKind {
    const kind = this.#needs.federation.current.declarationKind(id)
    if (!reachesAssurance(acr, kind.minimumAcr))
      throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: kind.minimumAcr } })
    return kind
  }

  /** Who receives the kind and knows the person: nobody else can be chosen. */
  async receivers(
    { receivers }: DeclarationKind,
    { person, accessToken, deadline }: Asking,
  ): Promise<readonly DeclarationReceiver[]> {
    const members = await this.#asking.knowing(person, accessToken, deadline)
    return receivers.filter(({ member }) => members.includes(member))
  }

  /**
   * Hands the declaration to each member that was chosen. With the same key it can be sent again, to those that did not
   * receive it or to all, without doubling. Errors, before anything is sent: those of `kind`, DECLARATION_INVALID,
   * DECLARATION_NOT_RECEIVED.
   */
  async declare(declaring: Declaring, asking: Asking, idempotencyKey: string): Promise<readonly SentDeclaration[]> {
    const kind = this.kind(declaring.kind, asking.person)
    const read = readDeclared(kind, declaring.content)
    if ('faults' in read) {
      const [first] = read.faults
      // A name that the kind does not have may be anything, so it is not repeated.
      const field = first?.fault === 'unknown' ? '' : (first?.path ?? '')
      throw new MeshError('DECLARATION_INVALID', { facts: { field, fault: first?.fault ?? '' } })
    }
    const receivers = await this.receivers(kind, asking)
    const stranger = declaring.agencies.find((id) => !receivers.some(({ member }) => member === id))
    if (stranger !== undefined) throw new MeshError('DECLARATION_NOT_RECEIVED', { facts: { agency: stranger } })
    const send = (agency: string) => this.#send(agency, kind, read.declared, declaring.language, asking, idempotencyKey)
    return Promise.all([...new Set(declaring.agencies)].map(send))
  }

  /** Adds what a member asked for. Errors: DECLARATION_UNKNOWN, DECLARATION_ANSWERED, DECLARATION_NOTHING_MISSING. */
  async supplement(
    of: { readonly agency: string; readonly declarationId: string; readonly statement: string },
    { person, deadline }: Omit<Asking, 'accessToken'>,
    idempotencyKey: string,
  ): Promise<ReceiptView> {
    const { agency, declarationId, statement } = of
    const ticket = await this.#asking.ticket(person, agency, deadline)
    const supplementId = idOf(person.subject, agency, declarationId, idempotencyKey)
    const { receipt } = await this.#needs.members
      .declarationsOf(agency)
      .supplementDeclaration({ ...ticket, declarationId, supplementId, statement }, { deadline })
    if (!receipt) throw new MeshError('PROVIDER_UNREACHABLE')
    return receiptView(agency, receipt)
  }

  /** What the person declared at each member that knows them, the latest first at each; the unreachable are marked. */
  async all(
    { person, accessToken, deadline }: Asking,
    of?: { readonly member: string; readonly pageToken: string; readonly pageSize: number },
  ): Promise<FromMembers<OwnDeclarationView>> {
    const known = of ? [of.member] : await this.#asking.knowing(person, accessToken, deadline)
    const receiving = new Set(this.kinds.flatMap(({ receivers }) => receivers.map(({ member }): string => member)))
    const asked = of ? known : known.filter((member) => receiving.has(member))
    const { pageToken = '', pageSize = 0 } = of ?? {}
    const listAt = (member: string) =>
      this.#asking.ask(member, person, deadline, async (ticket, shorter) => {
        const declarations = this.#needs.members.declarationsOf(member)
        const page = await declarations.listOwnDeclarations({ ...ticket, pageToken, pageSize }, { deadline: shorter })
        const found = page.declarations.map((one) => ownDeclarationView(member, one))
        return { found, nextPageToken: page.nextPageToken }
      })
    return together(await Promise.all(asked.map(listAt)))
  }

  /**
   * What one step said, with what is needed to verify offline that the member has it on record. Errors: DECLARATION_UNKNOWN
   * where the member lists no such step among the person's latest.
   */
  async receiptOf(
    of: { readonly member: string; readonly declarationId: string; readonly recordId: string },
    asking: Asking,
  ): Promise<object> {
    const { member, declarationId, recordId } = of
    const { found, members } = await this.all(asking, { member, pageToken: '', pageSize: mostLooked })
    if (members.some(({ isReached }) => !isReached)) throw new MeshError('PROVIDER_UNREACHABLE')
    const declaration = found.find((one) => one.declarationId === declarationId)
    const step = declaration?.steps.find((one) => one.recordId === recordId)
    if (!declaration || !step) throw new MeshError('DECLARATION_UNKNOWN')
    const proof = await new PersonalAccess(this.#needs).proof(member, recordId, asking.person, asking.deadline)
    const { at, step: what, said } = step
    return { agency: member, declarationId, kind: declaration.kind, at, step: what, said, proof: proofView(proof) }
  }

  async #send(
    agency: string,
    kind: DeclarationKind,
    declared: Declared,
    language: Language,
    { person, deadline }: Asking,
    idempotencyKey: string,
  ): Promise<SentDeclaration> {
    const documents = this.#needs.members.declarationsOf(agency)
    const said = {
      // The portal's own pseudonym is in it, which no member knows: two members cannot tell that theirs were made together.
      declarationId: idOf(person.subject, agency, idempotencyKey),
      kind: kind.id,
      textVersion: kind.textVersion,
      contentJson: JSON.stringify(declared),
      language,
    }
    const sent = await this.#asking.ask(agency, person, deadline, async (ticket, shorter) => {
      const { receipt } = await documents.receiveDeclaration({ ...ticket, ...said }, { deadline: shorter })
      if (!receipt) throw new MeshError('PROVIDER_UNREACHABLE')
      return receiptView(agency, receipt)
    })
    return sent.answer === undefined
      ? { agency, receipt: null, reason: sent.reason }
      : { agency, receipt: sent.answer, reason: null }
  }
}
