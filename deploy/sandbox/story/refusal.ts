import { MeshError, type Reason } from '@unefois/proto/reasons'

/** The reason with which an act is refused; `nothing` when it is not. */
export const refusalOf = async (act: () => Promise<unknown>): Promise<Reason | 'nothing'> => {
  try {
    await act()
    return 'nothing'
  } catch (error) {
    if (error instanceof MeshError) return error.reason
    throw error
  }
}
