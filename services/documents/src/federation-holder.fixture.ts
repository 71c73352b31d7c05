import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import { Federation } from '@unefois/proto/federation'
import { registerPublicKey } from '@unefois/proto/keys'
import { keyOf, publicOf, signedList } from './federation.fixture.js'

/** The list in force, where no file is needed to bring it in; `change` tells the listeners that another came. */
export const federationOf = (clock: Clock) => {
  const listeners: (() => void)[] = []
  return {
    current: Federation.verify(signedList(), {
      signerKeyOf: () => registerPublicKey(publicOf(keyOf('signer', 'list'))),
      nowSeconds: nowSeconds(clock),
      serialAtLeast: 0,
    }),
    onChange: (listener: () => void) => void listeners.push(listener),
    change: () => {
      for (const listener of listeners) listener()
    },
  }
}
