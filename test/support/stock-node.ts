/**
 * A stock MMP node, small, written from the published description of what the release sends: handshake without proof,
 * records of two sections, raw-key encryption, heartbeat, anchors, attestations. It shares no code with ours, so that the two
 * cannot agree on a mistake. It notes what would have ended or confused the real one.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
import net from 'node:net'
import WebSocket from 'ws'

// biome-ignore lint/suspicious/noExplicitAny: foreign frames are what the tests look at
type Json = any

const FIELDS = ['focus', 'issue', 'intent', 'motivation', 'commitment', 'perspective', 'mood'] as const
/** A frame of these over a relay ends the real process. */
const DEADLY = new Set(['mood', 'xmesh-insight', 'peer-info'])
const DEADLINE_MS = 30_000

const hash = (...parts: readonly (string | Buffer)[]): Buffer => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}
const lp = (text: string): string => `${Buffer.byteLength(text)}:${text}`
const rawOf = (key: KeyObject): string => String(key.export({ format: 'jwk' }).x)

function fieldKey(name: string, text: string): Buffer {
  return hash(`mmp-cmb-v1\n${lp(name)}${lp(text.normalize('NFC'))}`)
}

export function keyOf(categories: Json): string {
  let level = FIELDS.map((name) => hash(Buffer.of(0), fieldKey(name, categories[name].text)))
  while (level.length > 1) {
    const above: Buffer[] = []
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]]
      if (left) above.push(right ? hash(Buffer.of(1), left, right) : left)
    }
    level = above
  }
  return `cmb-${level[0]?.toString('hex')}`
}

function signingBytes({ key, createdBy, createdTimestamp, room, to, lineage }: Json): Buffer {
  const parents = [...(lineage?.parents ?? [])].sort()
  const refs = hash(`mmp-fp-v1\n${FIELDS.map((name) => lp(name) + lp('0')).join('')}`).toString('hex')
  const facts = [key, createdBy.normalize('NFC'), `${createdTimestamp}`, room ?? '', to ?? '', `${parents.length}`, ...parents, refs]
  return Buffer.from(`mmp-sig-v2\n${facts.map(lp).join('')}`)
}

interface Peer {
  readonly nodeId: string
  readonly name: string
  readonly publicKey: KeyObject
  readonly hello: Json
  readonly secret: Buffer | undefined
  readonly send: (frame: object) => void
  readonly socket?: net.Socket
}

export interface StockRecord {
  readonly from: string
  readonly focus: string
  readonly categories: Json
  readonly frame: Json
  readonly isVerified: boolean
  readonly isSealed: boolean
}

export interface StockOptions {
  readonly room?: string
  /** Offers no key to seal for. */
  readonly isPlain?: boolean
  readonly nodeId?: string
  /** Other members of the handshake. */
  readonly change?: object
  /** Signs that it has processed what came. */
  readonly attests?: boolean
}

export class StockNode {
  readonly nodeId: string
  readonly name: string
  readonly room: string
  readonly records: StockRecord[] = []
  /** All that came, but for the heartbeat. */
  readonly frames: Json[] = []
  /** What would have ended or confused the real one. */
  readonly faults: string[] = []
  pongs = 0
  /** Connections of others, in the order in which they came. */
  readonly accepted: net.Socket[] = []
  readonly peers = new Map<string, Peer>()
  readonly #identity = generateKeyPairSync('ed25519')
  readonly #e2e = generateKeyPairSync('x25519')
  readonly #options: StockOptions
  readonly #sockets = new Set<net.Socket>()
  #said: Json[] = []
  #server: net.Server | undefined
  #relay: WebSocket | undefined
  #waiters: (() => void)[] = []
  #seq = 0
  #prev = 'genesis'

  constructor(name: string, options: StockOptions = {}) {
    this.name = name
    this.nodeId = options.nodeId ?? randomUUID()
    this.room = options.room ?? 'default'
    this.#options = options
  }

  get publicKey(): string {
    return rawOf(this.#identity.publicKey)
  }

  async listen(host = '127.0.0.1'): Promise<number> {
    this.#server = net.createServer((socket) => this.#speak(socket, false))
    await new Promise<void>((resolve) => this.#server?.listen(0, host, resolve))
    return (this.#server.address() as net.AddressInfo).port
  }

  async dial(port: number, host = '127.0.0.1'): Promise<net.Socket> {
    const socket = net.connect(port, host)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    this.#speak(socket, true)
    return socket
  }

  /** At a relay: each node that is there gets our handshake at once. */
  async join(url: string, token: string): Promise<void> {
    const relay = new WebSocket(url)
    this.#relay = relay
    await new Promise((resolve, reject) => relay.once('open', resolve).once('error', reject))
    const toRelay = (message: object) => relay.send(JSON.stringify(message))
    const meet = (to: string) => toRelay({ to, payload: this.#handshake() })
    let isIn = (): void => {}
    const entered = new Promise<void>((resolve) => {
      isIn = resolve
    })
    relay.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.type === 'relay-ping') toRelay({ type: 'relay-pong' })
      if (message.type === 'relay-peers') {
        isIn()
        for (const { nodeId } of message.peers) meet(nodeId)
      }
      if (message.type === 'relay-peer-joined') meet(message.nodeId)
      if (message.type === 'relay-peer-left') this.#left(message.nodeId)
      if (message.from !== undefined) this.#receive(message.payload, (frame) => toRelay({ to: message.from, payload: frame }), message.from)
    })
    toRelay({ type: 'relay-auth', nodeId: this.nodeId, name: this.name, token })
    await entered
  }

  /** A record to one node, or to all. Whether it is signed, sealed, or by whom it says it is, a test may change. */
  say(
    focus: string,
    { to, change = (record) => record, isAnchor }: { to?: string; change?: (record: Json) => Json; isAnchor?: boolean } = {},
  ): string {
    const record = this.record(focus, to)
    if (!to) this.#said.push(record)
    for (const peer of this.peers.values()) if (!to || peer.nodeId === to) this.#send(peer, change(record), to, isAnchor)
    return record.metadata.key
  }

  record(focus: string, to?: string): Json {
    const categories = Object.fromEntries(
      FIELDS.map((name) => {
        const text = name === 'focus' ? focus : 'neutral'
        return [name, { text, meta: { key: fieldKey(name, text).toString('hex'), parents: [] } }]
      }),
    )
    const metadata = {
      key: keyOf(categories),
      createdBy: this.name,
      createdTimestamp: Date.now(),
      lineage: null,
      room: this.room,
      to: to ?? null,
    }
    const sig = sign(null, signingBytes(metadata), this.#identity.privateKey).toString('base64url')
    return { categories, metadata: { ...metadata, sig, sigAlg: 'ed25519' }, lineage: { parents: [], ancestors: [], method: null } }
  }

  /** A frame as it is, to everybody. */
  raw(frame: object): void {
    for (const peer of this.peers.values()) peer.send(frame)
  }

  /** Payloads as they are, to everybody on the LAN. */
  bytes(...payloads: readonly Buffer[]): void {
    for (const { socket } of this.peers.values())
      for (const payload of payloads) {
        const prefix = Buffer.alloc(4)
        prefix.writeUInt32BE(payload.length)
        socket?.write(Buffer.concat([prefix, payload]))
      }
  }

  focuses(): readonly string[] {
    return this.records.map(({ focus }) => focus)
  }

  async until(fits: () => boolean, what: string): Promise<void> {
    const timer = setTimeout(() => this.#tell(), DEADLINE_MS)
    const end = Date.now() + DEADLINE_MS
    while (!fits()) {
      if (Date.now() >= end)
        throw new Error(`${this.name} never saw: ${what}; it has ${JSON.stringify(this.focuses())}, faults ${this.faults}`)
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
    clearTimeout(timer)
  }

  met(count = 1): Promise<void> {
    return this.until(() => this.peers.size >= count, `${count} peers`)
  }

  close(): void {
    this.#relay?.terminate()
    for (const socket of this.#sockets) socket.destroy()
    this.#server?.close()
  }

  #handshake(): Json {
    const e2e = this.#e2e.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    return {
      type: 'handshake',
      nodeId: this.nodeId,
      name: this.name,
      version: '0.2.3',
      extensions: [],
      room: this.room,
      publicKey: this.publicKey,
      ...(this.#options.isPlain ? {} : { e2ePublicKey: e2e }),
      lifecycleRole: 'participant',
      ...this.#options.change,
    }
  }

  #speak(socket: net.Socket, isDialer: boolean): void {
    this.#sockets.add(socket)
    if (!isDialer) this.accepted.push(socket)
    const send = (frame: object): void => {
      const payload = Buffer.from(JSON.stringify(frame))
      const prefix = Buffer.alloc(4)
      prefix.writeUInt32BE(payload.length)
      socket.write(Buffer.concat([prefix, payload]))
    }
    let buffer = Buffer.alloc(0)
    let isGreeted = isDialer
    let nodeId: string | undefined
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (nodeId !== undefined && this.peers.get(nodeId)?.socket === socket) this.#left(nodeId)
    })
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk])
      while (buffer.length >= 4) {
        const length = buffer.readUInt32BE()
        if (length === 0 || length > 1_048_576) this.faults.push(`length ${length}`)
        if (buffer.length < 4 + length) return
        const frame = JSON.parse(buffer.subarray(4, 4 + length).toString())
        buffer = buffer.subarray(4 + length)
        // The release closes on a first ping and on a first client-hello alike.
        if (nodeId === undefined && frame.type !== 'handshake') return void socket.destroy()
        if (frame.type === 'handshake') nodeId = frame.nodeId
        if (frame.type === 'handshake' && this.peers.get(frame.nodeId)?.socket)
          this.faults.push('a second connection before the first was gone')
        if (!isGreeted) send(this.#handshake())
        isGreeted = true
        this.#receive(frame, send, frame.nodeId ?? nodeId, socket)
      }
    })
    if (isDialer) send(this.#handshake())
  }

  #receive(frame: Json, send: (frame: object) => void, from: string, socket?: net.Socket): void {
    if (typeof frame !== 'object' || frame === null || typeof frame.type !== 'string') this.faults.push('no frame')
    if (DEADLY.has(frame.type) || (frame.type === 'message' && typeof frame.content !== 'string')) this.faults.push(`deadly ${frame.type}`)
    if (frame.type === 'ping') send({ type: 'pong' })
    else if (frame.type === 'pong') this.pongs++
    else this.frames.push({ ...frame, at: from })
    if (frame.type === 'handshake') this.#meet(frame, send, socket)
    if (frame.type === 'cmb') this.#read(frame, from)
    this.#tell()
  }

  #meet(hello: Json, send: (frame: object) => void, socket?: net.Socket): void {
    const { nodeId, name } = hello
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: hello.publicKey }, format: 'jwk' })
    const theirs = hello.e2ePublicKey && createPublicKey({ key: Buffer.from(hello.e2ePublicKey, 'base64'), format: 'der', type: 'spki' })
    const secret = theirs && !this.#options.isPlain ? diffieHellman({ privateKey: this.#e2e.privateKey, publicKey: theirs }) : undefined
    const isNew = !this.peers.has(nodeId)
    const peer = { nodeId, name, publicKey, hello, secret, send, ...(socket ? { socket } : {}) }
    this.peers.set(nodeId, peer)
    if (isNew) for (const record of this.#said.slice(-5)) this.#send(peer, record, undefined, true)
  }

  #send(peer: Peer, record: Json, to?: string, isAnchor = false): void {
    const cmb = peer.secret && typeof record.categories === 'object' ? this.#seal(record, peer.secret) : record
    const audience = to === undefined ? {} : { to, directed: true }
    peer.send({ type: 'cmb', timestamp: Date.now(), cmb, ...audience, ...(isAnchor ? { _anchor: true } : {}) })
  }

  #seal(record: Json, secret: Buffer): Json {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', secret, nonce)
    const sealed = Buffer.concat([cipher.update(JSON.stringify(record.categories)), cipher.final(), cipher.getAuthTag()])
    return { ...record, categories: sealed.toString('base64'), _e2e: { nonce: nonce.toString('base64') } }
  }

  #read(frame: Json, from: string): void {
    const peer = this.peers.get(from)
    const { cmb } = frame
    // Without `categories` and `content` the release drops a record silently.
    if (!peer || !cmb?.categories || !cmb.metadata) return
    const isSealed = typeof cmb.categories === 'string'
    const categories = isSealed ? peer.secret && this.#open(cmb, peer.secret) : cmb.categories
    if (!categories) return void this.faults.push('sealed for somebody else')
    const { metadata } = cmb
    const isKey = /^cmb-[0-9a-f]{64}$/.test(metadata.key) && keyOf(categories) === metadata.key
    const isVerified = isKey && verify(null, signingBytes(metadata), peer.publicKey, Buffer.from(metadata.sig, 'base64url'))
    if ((metadata.room ?? this.room) !== this.room) return
    if (metadata.to && metadata.to !== this.nodeId) return
    if (metadata.to && !(frame.directed === true && frame.to === this.nodeId)) this.faults.push('directed in the record alone')
    this.records.push({ from, focus: categories.focus.text, categories, frame, isVerified, isSealed })
    if (this.#options.attests) peer.send(this.#attestation(metadata.key))
  }

  #open(cmb: Json, secret: Buffer): Json {
    const bytes = Buffer.from(cmb.categories, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(cmb._e2e.nonce, 'base64'))
    decipher.setAuthTag(bytes.subarray(-16))
    try {
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString())
    } catch {
      // Not sealed with our secret.
      return undefined
    }
  }

  #attestation(of: string): Json {
    const categories = Object.fromEntries(FIELDS.map((name) => [name, 'silent']))
    const facts = {
      of,
      by: this.nodeId,
      at: Date.now(),
      roster: 'default',
      method: 'heuristic',
      verdict: 'aligned',
      categories,
      role: 'participant',
    }
    const fields = FIELDS.map((name) => `${name}:silent`).join(',')
    const seq = ++this.#seq
    const text = [of, facts.by, facts.at, facts.roster, facts.verdict, fields, facts.role, seq, this.#prev].join('|')
    const sig = sign(null, Buffer.from(text), this.#identity.privateKey).toString('base64url')
    const attestation = { ...facts, seq, prev: this.#prev, sig, sigAlg: 'ed25519' }
    this.#prev = hash(sig).toString('hex')
    return { type: 'attestation', attestation }
  }

  #left(nodeId: string): void {
    this.peers.delete(nodeId)
    this.#tell()
  }

  #tell(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}
