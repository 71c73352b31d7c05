import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { NoticeClaims } from '@unefois/proto/statements'
import { z } from 'zod'

/** Channels as statements and stores spell them. */
export const channels = new Map<Channel, NoticeClaims['channel']>([
  [Channel.CHANNEL_ONLINE, 'online'],
  [Channel.CHANNEL_COUNTER, 'counter'],
  [Channel.CHANNEL_TELEPHONE, 'telephone'],
  [Channel.CHANNEL_PAPER, 'paper'],
])

export const channel = z.number().refine((each) => channels.has(each as Channel), 'not a channel')
