/** A point on earth (WGS 84, degrees). */
export interface Point {
  readonly latitude: number
  readonly longitude: number
}

const earthKilometres = 6371
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** The great-circle distance of two points in kilometres (haversine formula; earth as a sphere, right to half a per cent). */
export const kilometresBetween = (a: Point, b: Point): number => {
  const [north, east] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)]
  const chord =
    Math.sin(north / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(east / 2) ** 2
  return 2 * earthKilometres * Math.asin(Math.min(1, Math.sqrt(chord)))
}
