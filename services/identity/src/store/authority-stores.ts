import type { Queryable } from '@unefois/chassis/postgres'
import type { RegisterKey } from '../register-key.js'
import { AcquaintanceStore } from './acquaintances.js'
import { AskingStore } from './askings.js'
import { ChangeStore } from './changes.js'
import { LoginHandleStore } from './login-handles.js'
import { ProtectionStore } from './protections.js'
import { QuestionStore } from './questions.js'
import { RegisterStore } from './register.js'

/** What the identity authority keeps. */
export interface AuthorityStores {
  readonly register: RegisterStore
  readonly acquaintances: AcquaintanceStore
  readonly logins: LoginHandleStore
  readonly questions: QuestionStore
  readonly askings: AskingStore
  readonly changes: ChangeStore
  readonly protections: ProtectionStore
}

/** The stores on one connection: the pool, or a transaction that all of them share. */
export const authorityStores = (db: Queryable, key: RegisterKey): AuthorityStores => ({
  register: new RegisterStore(db, key),
  acquaintances: new AcquaintanceStore(db),
  logins: new LoginHandleStore(db),
  questions: new QuestionStore(db, key),
  askings: new AskingStore(db, key),
  changes: new ChangeStore(db, key),
  protections: new ProtectionStore(db, key),
})
