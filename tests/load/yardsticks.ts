import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as grpc from '@grpc/grpc-js'
import { connect, headers } from '@nats-io/transport-node'
import { startNatsServer } from '@unefois/deploy/sandbox/nats-server'
import { choosePort } from '@unefois/deploy/sandbox/ports'

/** Something simple to hold the exchange against, with the processes whose CPU it uses. */
export interface Yardstick {
  readonly act: () => Promise<void>
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const runner = (name: string, args: readonly string[]): ChildProcess =>
  spawn(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ready`)))
  })

/** A bare NATS request with one EdDSA JWT check and this payload. */
export const bareNats = async (payload: Uint8Array): Promise<Yardstick> => {
  const directory = mkdtempSync(join(tmpdir(), 'unefois-bare-'))
  const configFile = join(directory, 'nats.conf')
  writeFileSync(configFile, 'max_payload: 512KB\n')
  const port = await choosePort()
  const server = await startNatsServer({ configFile, dataDir: directory, port, log: join(directory, 'nats.log') })
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const responder = runner('bare-nats-responder', [server.url, JSON.stringify(publicKey.export({ format: 'jwk' }))])
  await firstLine(responder)
  const connection = await connect({ servers: server.url })
  const now = Math.floor(Date.now() / 1000)
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode({ iss: 'bench', aud: 'bare', iat: now, exp: now + 600 })}`
  const sent = headers()
  sent.set('authorization', `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`)
  return {
    act: async () => {
      const reply = await connection.request('bare', payload, { timeout: 5000, headers: sent })
      if (reply.data.length !== payload.length) throw new Error('refused')
    },
    pids: [server.pid, responder.pid as number],
    stop: async () => {
      await connection.close()
      responder.kill()
      await server.stop()
    },
  }
}

/** A bare grpc-js call with this payload. */
export const bareGrpc = async (payload: Uint8Array): Promise<Yardstick> => {
  const server = runner('bare-grpc-server', [])
  const port = Number((await firstLine(server)).split(' ')[1])
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const same = (bytes: Buffer): Buffer => bytes
  return {
    act: () =>
      new Promise((resolve, reject) =>
        client.makeUnaryRequest(
          '/bare.Bare/Echo',
          same,
          same,
          Buffer.from(payload),
          { deadline: Date.now() + 5000 },
          (error) => (error ? reject(error) : resolve()),
        ),
      ),
    pids: [server.pid as number],
    stop: async () => {
      client.close()
      server.kill()
    },
  }
}
