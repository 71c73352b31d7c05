import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** What the platform asks of a process. */
export interface Admin {
  /** False while starting, draining, or cut off from what it stands on. */
  readonly isReady: () => boolean
  /** Prometheus text; answers the request itself. */
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void
}

/** Serves /livez, /readyz and /metrics on an address that only the platform reaches. */
export const startAdmin = async (
  admin: Admin,
  host: string,
  port: number,
): Promise<{ port: number; stop(): Promise<void> }> => {
  const server: Server = createServer((request, response) => {
    const say = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
    }
    if (request.method !== 'GET') return say(405, 'GET only')
    switch (request.url) {
      case '/livez':
        return say(200, 'live')
      case '/readyz':
        return admin.isReady() ? say(200, 'ready') : say(503, 'not ready')
      case '/metrics':
        return admin.metrics(request, response)
      default:
        return say(404, 'one of /livez, /readyz, /metrics')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`admin port ${port}: ${error.message}`, { cause: error })))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
