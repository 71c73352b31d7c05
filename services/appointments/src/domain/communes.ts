/** The centre of a commune (WGS 84, degrees). */
export interface Centre {
  readonly name: string
  readonly latitude: number
  readonly longitude: number
}

/** Communes by INSEE code. */
export type Communes = ReadonlyMap<string, Centre>
