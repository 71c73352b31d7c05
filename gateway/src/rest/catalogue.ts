import { PageTokens } from '@unefois/chassis/page-token'

/** What the federation list names, as it is searched: by id, and by words without case or accents. */
export interface Entry<T> {
  readonly id: string
  readonly item: T
  readonly words: string
}

const marks = /\p{M}/gu

/** Without case and accents. */
export const plain = (text: string): string => text.normalize('NFD').replace(marks, '').toLowerCase()

/** Entries in the order of their ids, made once for each federation list. */
export const catalogue = <K extends object, T extends { readonly id: string }>(
  itemsOf: (of: K) => readonly T[],
  wordsOf: (item: T) => readonly string[],
): ((of: K) => readonly Entry<T>[]) => {
  const made = new WeakMap<K, readonly Entry<T>[]>()
  return (of) => {
    const known = made.get(of)
    if (known) return known
    const entries = itemsOf(of)
      .map((item) => ({ id: item.id, item, words: plain([item.id, ...wordsOf(item)].join(' ')) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    made.set(of, entries)
    return entries
  }
}

const usualPageSize = 100

/** One page of a catalogue, under filters that the token is bound to. Error: PAGE_TOKEN_MISMATCH. */
export const pageOfCatalogue = <T>(
  entries: readonly Entry<T>[],
  matches: (item: T) => boolean,
  asked: { readonly list: string; readonly filters: Readonly<Record<string, string>>; readonly q: string },
  page: { readonly pageSize: number; readonly pageToken: string },
): { items: T[]; nextPageToken: string | null } => {
  const q = plain(asked.q)
  const tokens = new PageTokens(asked.list, { ...asked.filters, q })
  const after = tokens.positionIn(page.pageToken)
  const size = page.pageSize || usualPageSize
  const found: Entry<T>[] = []
  for (const entry of entries) {
    if (entry.id <= after || !entry.words.includes(q) || !matches(entry.item)) continue
    if (found.length === size)
      return { items: found.map(({ item }) => item), nextPageToken: tokens.after(found.at(-1)?.id) }
    found.push(entry)
  }
  return { items: found.map(({ item }) => item), nextPageToken: null }
}
