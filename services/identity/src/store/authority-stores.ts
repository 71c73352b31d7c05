import type { Queryable } from '@unefois/chassis/postgres'
import type { RegisterKey } from '../register-key.js'
import { AcquaintanceStore } from './acquaintances.js'
import { LoginHandleStore } from './login-handles.js'
import { RegisterStore } from './register.js'

/** What the identity authority keeps. */
export interface AuthorityStores {
  readonly register: RegisterStore
  readonly acquaintances: AcquaintanceStore
  readonly logins: LoginHandleStore
}

/** The stores on one connection: the pool, or a transaction that all of them share. */
export const authorityStores = (db: Queryable, key: RegisterKey): AuthorityStores => ({
  register: new RegisterStore(db, key),
  acquaintances: new AcquaintanceStore(db),
  logins: new LoginHandleStore(db),
})
