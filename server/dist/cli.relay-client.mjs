import {
  RelayWire
} from "./cli.shared-9.mjs";
import {
  isLasting,
  retryDelayMs
} from "./cli.shared-8.mjs";
import "./cli.shared-2.mjs";
import {
  Scope,
  custom,
  fromUtf8,
  isObject,
  literal,
  object,
  string,
  toBase64Url,
  utf8
} from "./cli.shared-3.mjs";
import {
  LIMITS,
  MeshError,
  assertNever
} from "./cli.shared-7.mjs";

// server/src/transport/relay-connection.ts
var STOCK_LINK = "stock";
var ENVELOPE_BYTES = 512;
var RelayConnection = class {
  kind = "relay";
  direction;
  remote;
  peer;
  id;
  #carrier;
  #events;
  #arrived = [];
  #arrivedBytes = 0;
  #maxFrameBytes = LIMITS.handshake.frameBytes;
  #isPaused = false;
  #isPumping = false;
  #release;
  #reason;
  #isTold = false;
  constructor(peer, id, direction, carrier) {
    this.peer = peer;
    this.id = id;
    this.direction = direction;
    this.remote = `relay ${peer}`;
    this.#carrier = carrier;
  }
  start(events) {
    if (this.#events !== void 0) throw new MeshError("internal", "a connection was started twice");
    this.#events = events;
    queueMicrotask(() => this.#pump());
  }
  get buffered() {
    return this.#carrier.buffered;
  }
  send(payload) {
    const text = fromUtf8(payload);
    const isOver = this.#reason !== void 0 || text === void 0;
    if (isOver || payload.length > LIMITS.relay.messageBytes - ENVELOPE_BYTES) return false;
    return this.#carrier.send(this.peer, this.#isPlain ? text : `{"type":"mesh-link-v1","link":"${this.id}","frame":${text}}`);
  }
  pause() {
    this.#isPaused = true;
  }
  resume() {
    this.#isPaused = false;
    queueMicrotask(() => this.#pump());
  }
  setMaxFrameBytes(bytes) {
    this.#maxFrameBytes = bytes;
  }
  close() {
    if (this.#reason !== void 0) return;
    this.#sayEnd();
    this.#arrived = [];
    this.#finish("local");
  }
  /** A frame came for it. */
  receive(payload) {
    if (this.#reason !== void 0) return;
    this.#arrived.push(payload);
    this.#arrivedBytes += payload.length;
    if (this.#arrivedBytes > LIMITS.relayClient.heldBytes) this.#release ??= this.#carrier.hold();
    this.#pump();
  }
  /** The other side ended it, or is gone; what had arrived is still delivered. */
  end() {
    this.#finish("remote");
  }
  #pump() {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#events !== void 0 && !this.#isPaused) {
      const payload = this.#arrived.shift();
      if (payload === void 0) break;
      this.#arrivedBytes -= payload.length;
      if (payload.length > this.#maxFrameBytes) this.#refuse();
      else this.#carrier.guard.run("frame", () => this.#events?.onFrame(payload));
    }
    this.#isPumping = false;
    if (this.#arrivedBytes <= LIMITS.relayClient.heldBytes) this.#letGo();
    this.#tell();
  }
  #refuse() {
    this.#sayEnd();
    this.#arrived = [];
    this.#finish("frame-too-large");
  }
  /** A stock node would not know what that is. */
  #sayEnd() {
    if (!this.#isPlain) this.#carrier.send(this.peer, `{"type":"mesh-link-v1","link":"${this.id}","end":true}`);
  }
  get #isPlain() {
    return this.id === STOCK_LINK;
  }
  #finish(reason) {
    if (this.#reason !== void 0) return;
    this.#reason = reason;
    this.#arrivedBytes = this.#arrived.reduce((sum, { length }) => sum + length, 0);
    this.#carrier.forget(this);
    queueMicrotask(() => this.#pump());
  }
  #letGo() {
    this.#release?.();
    this.#release = void 0;
  }
  #tell() {
    const reason = this.#reason;
    if (reason === void 0 || this.#events === void 0 || this.#arrived.length > 0 || this.#isTold) return;
    this.#isTold = true;
    this.#letGo();
    this.#carrier.guard.run("close", () => this.#events?.onClose(reason));
  }
};

// server/src/transport/relay-client.ts
var PER_PEER = 8;
var linkPayload = object({
  type: literal("mesh-link-v1"),
  link: string().regex(/^[A-Za-z0-9_-]{16}$/),
  frame: custom(isObject).exactOptional(),
  end: literal(true).exactOptional()
});
var RelayClient = class {
  #target;
  #deps;
  #events;
  #scope;
  #peers = /* @__PURE__ */ new Map();
  #connections = /* @__PURE__ */ new Map();
  /** The handshakes of stock nodes that are here. */
  #hellos = /* @__PURE__ */ new Map();
  #puts = /* @__PURE__ */ new Map();
  #carrier;
  #wire;
  #offer;
  #state = "connecting";
  #end;
  #failures = 0;
  #inSince;
  #holds = 0;
  #cancelRetry = () => {
  };
  constructor(target, deps, events) {
    this.#target = target;
    this.#deps = deps;
    this.#events = events;
    this.#scope = new Scope(deps.clock);
    const self = this;
    this.#carrier = {
      guard: deps.guard,
      get buffered() {
        return self.#wire?.buffered ?? 0;
      },
      send: (to, payload) => this.#wire?.send(`{"to":"${to}","payload":${payload}}`) ?? false,
      hold: () => this.#hold(),
      forget: (connection) => void this.#connections.delete(keyOf(connection.peer, connection.id))
    };
    this.#scope.defer(() => this.#wire?.close());
    this.#connect();
  }
  get target() {
    return this.#target;
  }
  /** Whether items can be left here for those who are away. */
  get takesMail() {
    return this.#state === "in" && this.#offer !== void 0;
  }
  health() {
    return {
      host: this.#target.url.host,
      state: this.#state,
      cause: this.#end?.cause,
      said: this.#end?.said ?? "",
      peers: this.#peers.size,
      takesMail: this.takesMail
    };
  }
  /** A connection to a node that is here; undefined when it is not. */
  dial(peer, dialect) {
    if (this.#state !== "in" || !this.#peers.has(peer)) return void 0;
    if (dialect) return this.#dialStock(peer);
    return this.#open(peer, toBase64Url(this.#deps.random(12)), "outbound");
  }
  /** Tries again at once, also after a cause that stops it. */
  reconnect() {
    if (this.#state === "in" || this.#state === "connecting") return;
    this.#failures = 0;
    this.#connect();
  }
  roomsChanged() {
    this.#wire?.tellRooms();
  }
  /** Resolves when the relay has it on its disk, or has said why not, or is gone or silent. */
  put(id, to, sealed, ttlMs) {
    if (!this.takesMail) return Promise.resolve({ kind: "refused", reason: "away" });
    return new Promise((resolve) => {
      this.#puts.get(id)?.({ kind: "refused", reason: "repeated" });
      const cancel = this.#scope.after(LIMITS.relayClient.putMs, () => this.#settlePut(id, { kind: "refused", reason: "away" }));
      this.#puts.set(id, (outcome) => {
        cancel();
        resolve(outcome);
      });
      const isSent = this.#send({ type: "relay-put", id, to, sealed: toBase64Url(sealed), ttlMs });
      if (!isSent) this.#settlePut(id, { kind: "refused", reason: "away" });
    });
  }
  stop() {
    this.#noteOut("left");
    this.#state = "stopped";
    return this.#scope.stop();
  }
  /** Once for each time that we were in: tries that fail are no news. */
  #noteOut(cause) {
    if (this.#state === "in") this.#deps.audit?.note("relay-out", { host: this.#target.url.host, cause });
  }
  #connect() {
    if (this.#scope.isStopped) return;
    this.#cancelRetry();
    this.#state = "connecting";
    this.#inSince = void 0;
    this.#wire = new RelayWire(this.#target, this.#deps, {
      onIn: (peers, offer) => this.#onIn(peers, offer),
      onFrame: (frame) => this.#onFrame(frame),
      onEnd: (end) => this.#onEnd(end)
    });
  }
  #onIn(peers, offer) {
    const { clock, log } = this.#deps;
    const isNew = this.#state !== "in";
    if (isNew) this.#deps.audit?.note("relay-in", { host: this.#target.url.host });
    if (isNew) log.info("relay in", { host: this.#target.url.host, peers: peers.length });
    this.#state = "in";
    this.#end = void 0;
    this.#inSince ??= clock.monotonic();
    this.#offer = offer;
    this.#events.onIn();
    const here = new Set(peers.map(({ nodeId }) => nodeId));
    for (const nodeId of [...this.#peers.keys()]) if (!here.has(nodeId)) this.#gone(nodeId);
    for (const peer of peers) if (!this.#peers.has(peer.nodeId)) this.#here(peer);
    if (isNew && offer) this.#events.onMailOpen();
  }
  #onFrame(frame) {
    switch (frame.type) {
      case "relay-peer-joined":
        this.#endConnections(frame.nodeId);
        this.#hellos.delete(frame.nodeId);
        return this.#here(frame);
      case "relay-peer-left":
        return this.#gone(frame.nodeId);
      case "envelope":
        return this.#onEnvelope(frame);
      case "relay-stored":
        return this.#settlePut(frame.id, { kind: "stored", expiresAt: frame.expiresAt });
      case "relay-refused":
        return this.#onRefused(frame);
      case "relay-mail":
        return this.#onMail(frame);
      case "relay-ack":
      case "relay-challenge":
      case "relay-error":
      case "relay-peers":
      case "relay-ping":
      case "relay-pong":
      case "relay-reauth":
        return;
      default:
        return assertNever(frame);
    }
  }
  #here(peer) {
    if (peer.nodeId === this.#deps.keys.nodeId) return;
    if (!this.#peers.has(peer.nodeId) && this.#peers.size >= LIMITS.relay.perGroup) return;
    this.#peers.set(peer.nodeId, peer);
    this.#events.onHere(peer.nodeId);
  }
  #gone(nodeId) {
    if (!this.#peers.delete(nodeId)) return;
    this.#hellos.delete(nodeId);
    this.#endConnections(nodeId);
    this.#events.onGone(nodeId);
  }
  #onEnvelope({ from, payload }) {
    const parsed = linkPayload.safeParse(payload).data;
    if (from === this.#deps.keys.nodeId) return;
    if (!parsed) return this.#onPlain(from, payload);
    const known = this.#connections.get(keyOf(from, parsed.link));
    if (parsed.end) return known?.end();
    if (parsed.frame === void 0) return;
    const connection = known ?? this.#accept(from, parsed.link, parsed.frame);
    if (connection) connection.receive(utf8(JSON.stringify(parsed.frame)));
    else this.#carrier.send(from, `{"type":"mesh-link-v1","link":"${parsed.link}","end":true}`);
  }
  /** A stock node says its handshake once, when it sees us: it may have done so before anybody wanted to hear it. */
  #dialStock(peer) {
    if (!this.#mayBeStock(peer) || this.#connections.has(keyOf(peer, STOCK_LINK))) return void 0;
    const connection = this.#open(peer, STOCK_LINK, "outbound");
    const hello = this.#hellos.get(peer);
    if (hello) connection.receive(hello);
    return connection;
  }
  /** Whoever proved a key to the relay is one of ours, or was: it has a better way to come. */
  #mayBeStock(peer) {
    const known = this.#peers.get(peer);
    return known !== void 0 && known.publicKey === void 0;
  }
  /** A frame that stands in its envelope as it is: of a stock node, which begins with its handshake. */
  #onPlain(from, payload) {
    const known = this.#connections.get(keyOf(from, STOCK_LINK));
    const frame = utf8(JSON.stringify(payload));
    const isHello = payload["type"] === "handshake" && this.#mayBeStock(from) && frame.length <= LIMITS.handshake.frameBytes;
    if (isHello) this.#hellos.set(from, frame);
    if (!known && !isHello) return;
    const connection = known ?? this.#open(from, STOCK_LINK, "inbound");
    if (!known) this.#events.onStock(connection);
    connection.receive(frame);
  }
  #accept(from, link, frame) {
    const ofPeer = [...this.#connections.values()].filter(({ peer }) => peer === from).length;
    if (frame["type"] !== "client-hello" || ofPeer >= PER_PEER) return void 0;
    const connection = this.#open(from, link, "inbound");
    this.#events.onConnection(connection);
    return connection;
  }
  #open(peer, id, direction) {
    const connection = new RelayConnection(peer, id, direction, this.#carrier);
    this.#connections.set(keyOf(peer, id), connection);
    return connection;
  }
  #onRefused({ id, to, reason }) {
    if (id !== void 0) this.#settlePut(id, { kind: "refused", reason });
    if (reason !== "not-here" || to === void 0) return;
    for (const nodeId of this.#peers.keys()) if (nodeId === to) this.#gone(nodeId);
  }
  #onMail({ id, sealed }) {
    this.#events.onMail({ sealed, taken: () => void this.#send({ type: "relay-taken", ids: [id] }) });
  }
  #settlePut(id, outcome) {
    const settle = this.#puts.get(id);
    this.#puts.delete(id);
    settle?.(outcome);
  }
  #send(frame) {
    return this.#wire?.send(JSON.stringify(frame)) ?? false;
  }
  #hold() {
    this.#holds++;
    this.#wire?.pause();
    return () => {
      this.#holds--;
      if (this.#holds === 0) this.#wire?.resume();
    };
  }
  #endConnections(nodeId) {
    for (const connection of [...this.#connections.values()]) if (nodeId === void 0 || connection.peer === nodeId) connection.end();
  }
  #onEnd(end) {
    const { clock, log, guard } = this.#deps;
    const wasIn = this.#inSince !== void 0 && clock.monotonic() - this.#inSince > LIMITS.relayClient.steadyMs;
    this.#failures = wasIn ? 1 : this.#failures + 1;
    this.#wire = void 0;
    this.#holds = 0;
    this.#end = end;
    this.#events.onEnd(end.cause);
    this.#endConnections();
    for (const nodeId of [...this.#peers.keys()]) this.#gone(nodeId);
    for (const id of [...this.#puts.keys()]) this.#settlePut(id, { kind: "refused", reason: "away" });
    if (this.#scope.isStopped) return;
    this.#noteOut(end.cause);
    log.warn("relay lost", { host: this.#target.url.host, cause: end.cause, said: end.said });
    this.#state = isLasting(end.cause) ? "stopped" : "waiting";
    if (this.#state === "stopped") return;
    const delayMs = retryDelayMs(end.cause, this.#failures, this.#deps.random);
    this.#cancelRetry = this.#scope.after(delayMs, () => guard.run("relay-retry", () => this.#connect()));
  }
};
function keyOf(peer, link) {
  return `${peer} ${link}`;
}
export {
  RelayClient
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
