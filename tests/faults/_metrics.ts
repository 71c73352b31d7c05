/** How often a process has answered an RPC with this reason, as its metrics say. */
export const answered = async (admin: string, method: string, reason: string): Promise<number> => {
  const text = await (await fetch(`${admin}/metrics`)).text()
  const line = text
    .split('\n')
    .find(
      (each) =>
        /^unefois_rpc_duration\w*_count\{/.test(each) &&
        each.includes(`/${method}"`) &&
        each.includes(`reason="${reason}"`),
    )
  return Number(line?.split(' ').at(1) ?? 0)
}
