/**
 * The relay that a link brought, written down for the next sessions in `<root>/settings.json`: with its token, so 0600, and
 * with the mark that a link chose it, so that it never gets another relay's token and only public addresses are dialed. A
 * relay that the person wrote there by hand is theirs and stays.
 */
import { messageOf } from '../base/errors.ts'
import type { LinkRelay } from '../transport/relay-join.ts'
import { changePersonFile, type PersonSettings, personFile } from './person-file.ts'
import type { Settings } from './settings.ts'

/** Returns what is in the way, or undefined. */
export function keepRelay(settings: Settings, { url, token }: LinkRelay): string | undefined {
  const { root, relay } = settings
  if (relay.value !== undefined && relay.source !== personFile(root.value)) return `${relay.source} names the relay of the next sessions`
  const kept = { url, ...(token === undefined ? {} : { token: token.reveal() }), fromLink: true }
  let obstacle: string | undefined
  try {
    changePersonFile(root.value, (own) => {
      if (isFree(own)) return { ...own, relay: kept }
      obstacle = `${personFile(root.value)} names another relay, and it was written there by hand`
      return own
    })
    return obstacle
  } catch (thrown) {
    return messageOf(thrown)
  }
}

/** Takes out what a link brought; true when there was such a relay. */
export function forgetKeptRelay(root: string): boolean {
  let wasThere = false
  changePersonFile(root, (own) => {
    wasThere = own['relay'] !== undefined && isFree(own)
    if (!wasThere) return own
    const { relay: _relay, ...others } = own
    return others
  })
  return wasThere
}

/** There is no relay, or one that a link brought. */
function isFree({ relay }: PersonSettings): boolean {
  return relay === undefined || (typeof relay === 'object' && relay !== null && 'fromLink' in relay && relay.fromLink === true)
}
