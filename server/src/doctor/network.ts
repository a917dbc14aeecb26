/** The network: multicast, what a person named by hand, the relay, and the proof that a message gets through. */
import type { Facts, MulticastFacts, ProofFacts, RelayFacts } from './facts.ts'
import type { Finding } from './finding.ts'

export function diagnoseNetwork(facts: Facts): readonly Finding[] {
  const isLoopback = facts.settings.kind === 'ok' && facts.settings.isLoopbackOnly
  return [
    ...(isLoopback ? [LOOPBACK] : [...diagnoseMulticast(facts), ...diagnoseEnclosure(facts)]),
    ...diagnosePort(facts),
    ...facts.namedPeers.flatMap((peer) => diagnosePeer(peer)),
    ...diagnoseRelay(facts.relay),
    ...diagnoseProof(facts.proof),
  ]
}

const LOOPBACK: Finding = {
  id: 'loopback-only',
  level: 'note',
  what: 'SYM_LISTEN is a loopback address: sessions of this machine meet, other machines do not',
}

function diagnoseMulticast({ multicast, platform }: Facts): readonly Finding[] {
  if (multicast.kind === 'unused') return []
  if (multicast.kind === 'no-network') return [{ id: 'no-network', level: 'note', what: 'This machine has no network but loopback' }]
  return multicast.interfaces.map((one) => diagnoseInterface(one, platform))
}

type Interface = Extract<MulticastFacts, { kind: 'probed' }>['interfaces'][number]

function diagnoseInterface({ name, problem }: Interface, platform: string): Finding {
  if (problem === undefined) {
    const what = `Multicast on ${name}: what is sent is heard on this machine (whether the network carries it, only a second machine shows)`
    return { id: 'multicast', level: 'good', what }
  }
  const what = `Multicast on ${name}: ${problem}`
  const why = 'peers on this network are not found by themselves'
  if (/is held by/.test(problem)) {
    return {
      id: 'port-5353',
      level: 'warning',
      what,
      why,
      next: `${of(HOLDER_OF_5353, platform)} names the program; end it, or name a peer: SYM_PEERS=host:port`,
    }
  }
  return { id: 'multicast-blocked', level: 'warning', what, why, next: `${of(OPEN_5353, platform)}; or name a peer: SYM_PEERS=host:port` }
}

/** Per system; Linux where it is none of the others. */
type PerSystem = Readonly<Record<'darwin' | 'win32' | 'linux', string>>

const HOLDER_OF_5353: PerSystem = {
  linux: "sudo ss -ulpn 'sport = :5353'",
  darwin: 'sudo lsof -nP -iUDP:5353',
  win32: 'Get-NetUDPEndpoint -LocalPort 5353 | Select-Object OwningProcess',
}
const OPEN_5353: PerSystem = {
  linux: 'sudo ufw allow 5353/udp, or sudo firewall-cmd --add-service=mdns',
  darwin: 'System Settings, Network, Firewall, Options: allow incoming connections for node',
  win32: 'netsh advfirewall firewall add rule name=mDNS dir=in action=allow protocol=UDP localport=5353',
}

function of(table: PerSystem, platform: string): string {
  return platform === 'darwin' || platform === 'win32' ? table[platform] : table.linux
}

function diagnoseEnclosure({ enclosure }: Facts): readonly Finding[] {
  if (enclosure === undefined) return []
  const where = enclosure === 'wsl' ? 'WSL has a network of its own behind Windows' : 'This is a container with a network of its own'
  const next = 'name a peer on both sides (SYM_LISTEN with a fixed port here, SYM_PEERS=host:port there), or use a relay (SYM_RELAY_URL)'
  return [{ id: 'own-network', level: 'note', what: where, why: 'multicast of the real network may not get through', next }]
}

function diagnosePort({ fixedPort }: Facts): readonly Finding[] {
  if (fixedPort?.problem === undefined) return []
  const { address, problem } = fixedPort
  const isTaken = problem === 'EADDRINUSE'
  return [
    {
      id: 'port-taken',
      level: 'warning',
      what: `${address} of SYM_LISTEN cannot be opened: ${isTaken ? 'another program listens there' : problem}`,
      why: 'a session listens on a free port instead, so peers that dial this one do not reach it',
      next: 'give SYM_LISTEN another port, or end that program',
    },
  ]
}

function diagnosePeer({ address, problem }: Facts['namedPeers'][number]): readonly Finding[] {
  if (problem === undefined) return [{ id: 'peer-there', level: 'good', what: `SYM_PEERS: something listens at ${address}` }]
  const { cause, next } = {
    dns: {
      cause: 'its name cannot be resolved',
      next: `correct the name in SYM_PEERS, or give an address; look with: ping ${address.replace(/:\d+$/, '')}`,
    },
    refused: { cause: 'nothing listens there', next: 'start a session there with SYM_LISTEN at this port' },
    blocked: {
      cause: 'it does not answer',
      next: `open TCP ${address.replace(/^.*:/, '')} in the firewall there, or use a relay (SYM_RELAY_URL)`,
    },
  }[problem]
  return [
    {
      id: `peer-${problem}`,
      level: 'warning',
      what: `SYM_PEERS: ${address} is not reached: ${cause}`,
      why: 'that peer is not found',
      next,
    },
  ]
}

export function diagnoseRelay(relay: RelayFacts): readonly Finding[] {
  if (relay.kind === 'none') return []
  const { host, outcome, source } = relay
  if (outcome.kind === 'echoed') {
    return [{ id: 'relay', level: 'good', what: `Relay ${host} (${source}): a word went through it in ${outcome.ms} ms` }]
  }
  const said = outcome.said === '' ? '' : ` (it says: ${JSON.stringify(outcome.said)})`
  return [
    {
      id: `relay-${outcome.cause}`,
      level: 'warning',
      what: `Relay ${host}: ${outcome.why}${said}`,
      why: 'peers on other networks are not reached; those on this network are',
      next: nextFor(outcome.cause, relay),
    },
  ]
}

function nextFor(cause: string, { url, source, tokenSource }: Extract<RelayFacts, { kind: 'visited' }>): string {
  const { hostname, port, protocol } = new URL(url)
  const at = port === '' ? (protocol === 'ws:' ? '80' : '443') : port
  const health = `curl -i ${url.replace(/^ws/, 'http').replace(/\/$/, '')}/health`
  switch (cause) {
    case 'dns':
      return `correct the name in ${source}; look with: nslookup ${hostname}`
    case 'refused':
      return `is the relay up? On its machine: sym-mesh-channel relay. Is the port right? It is ${at}, from ${source}`
    case 'tls':
      return `openssl s_client -connect ${hostname}:${at} -servername ${hostname} </dev/null shows the certificate; one of your own goes into NODE_EXTRA_CA_CERTS`
    case 'token':
      return tokenSource === ''
        ? 'set SYM_RELAY_TOKEN to the token that the owner of the relay gives you'
        : `ask the owner of the relay for the token, and correct ${tokenSource}`
    case 'http':
      return `${health} shows what answers; a proxy must pass on WebSockets`
    case 'busy':
      return 'try again later, or ask the owner of the relay to raise its limits'
    default:
      return `${health} shows how far it gets; a firewall must let TCP ${at} out`
  }
}

export function diagnoseProof(proof: ProofFacts): readonly Finding[] {
  if (proof.kind === 'ok') {
    return [
      {
        id: 'proof',
        level: 'good',
        what: `A message between two nodes of this machine: written, sealed, sent, kept and signed for, in ${proof.ms} ms`,
      },
    ]
  }
  const { code, why, folder } = proof
  if (code === 'ENOSPC') {
    const next = `make room, then: sym-mesh-channel doctor`
    return [
      {
        id: 'disk-full',
        level: 'problem',
        what: `There is no room left where ${folder} lies`,
        why: 'nothing can be kept, so nothing is taken or sent',
        next,
      },
    ]
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return [
      {
        id: 'folder-closed',
        level: 'problem',
        what: `Nothing can be written in ${folder}: ${why}`,
        why: 'no session can start: its key and its mail have no place',
        next: `ls -ld '${folder}' shows whose it is; make it yours, or set SYM_STATE_DIR to another folder`,
      },
    ]
  }
  const what = `A message between two nodes of this machine did not get through: ${why}`
  return [
    {
      id: 'proof-failed',
      level: 'problem',
      what,
      why: 'so it does not between sessions either',
      next: 'SYM_DEBUG=1 sym-mesh-channel demo shows every step',
    },
  ]
}
