/** All pages of a list, one after the other; throws where a list does not end. */
export const everyPage = async <P extends { readonly nextPageToken: string }>(
  ask: (pageToken: string) => Promise<P>,
): Promise<P[]> => {
  const pages: P[] = []
  const tokens = new Set<string>()
  let pageToken = ''
  do {
    if (tokens.has(pageToken)) throw new Error(`the list came to ${pageToken} again`)
    tokens.add(pageToken)
    const page = await ask(pageToken)
    pages.push(page)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return pages
}
