/** What was decided about keys, and who waits for a decision, as lines for a person. */
import { oneLine } from '../base/text.ts'
import type { TrustContent } from '../mesh/trust-file.ts'
import type { RequestLine } from './views.ts'

const short = (fingerprint: string): string => (fingerprint.slice(0, 16).match(/.{4}/g) ?? []).join(' ')
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export function formatTrust({ keys, pinnedNames, groups }: TrustContent, now: number): string {
  const lines = Object.entries(keys).map(([key, { trust, petname, admitted = {}, changedAt }]) => {
    const groupsIn = Object.entries(admitted)
      .filter(([, { until }]) => until === undefined || until > now)
      .map(([group, { until }]) => `let into ${group}${until === undefined ? '' : ` until ${day(until)}`}`)
    const facts = [...(trust ? [trust] : []), ...groupsIn, ...(petname ? [`called ${petname}`] : [])]
    return `${short(key)}  ${facts.join(', ')}  (${day(changedAt)})`
  })
  const names = Object.entries(pinnedNames).map(([name, { key, at }]) => `${short(key)}  is ${name} of SYM_ALLOWED_PEERS  (${day(at)})`)
  const floors = Object.entries(groups).flatMap(([group, { floor }]) =>
    floor === 'verified' ? [`In ${group} only verified peers reach Claude.`] : [],
  )
  const all = [...lines, ...names, ...floors]
  return all.length === 0 ? 'Nothing was decided about any key: the rules of the groups count.' : all.join('\n')
}

export function formatRequests(requests: readonly RequestLine[], now: number): string {
  if (requests.length === 0) return 'Nobody asks to be let in.'
  const lines = requests.map(({ fingerprint, name, group, messages, until }) => {
    const days = Math.max(0, Math.ceil((until - now) / 86_400_000))
    return `${short(fingerprint)}  ${oneLine(name, 64)}  ${group}  ${messages} waiting, dropped in ${days} d`
  })
  return [...lines, 'Decide with: sym-mesh-channel trust <fingerprint>, or block <fingerprint>'].join('\n')
}
