import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { connect } from '@nats-io/transport-node'

// The yardstick: a NATS request whose EdDSA JWT is verified, answered with the payload it came with, and nothing else.
const [url = '', jwk = ''] = process.argv.slice(2)
const key = createPublicKey({ key: JSON.parse(jwk) as JsonWebKey, format: 'jwk' })
const connection = await connect({ servers: url })
connection.subscribe('bare', {
  callback: (_, message) => {
    const jwt = message.headers?.get('authorization') ?? ''
    const end = jwt.lastIndexOf('.')
    const isGenuine = verify(null, Buffer.from(jwt.slice(0, end)), key, Buffer.from(jwt.slice(end + 1), 'base64url'))
    message.respond(isGenuine ? message.data : undefined)
  },
})
await connection.flush()
process.stdout.write('ready\n')
process.on('SIGTERM', () => process.exit(0))
