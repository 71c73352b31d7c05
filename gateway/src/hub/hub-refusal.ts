/** A refusal as the national hub reads it: `{ "error": { "code", "message" } }`, with the code as status. */
export class HubRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  get body(): object {
    return { error: { code: this.status, message: this.message } }
  }
}
