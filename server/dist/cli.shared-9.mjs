import {
  RELAY_CLOSE,
  parseServerFrame,
  wrapper_default
} from "./cli.shared-2.mjs";
import {
  Scope,
  decodeObject,
  dialCauseOf,
  publicLookup,
  relayGroupOf,
  relayProofPayload,
  toBase64Url
} from "./cli.shared-3.mjs";
import {
  LIMITS
} from "./cli.shared-7.mjs";

// server/src/transport/relay-wire.ts
var CAUSE_OF_CODE = /* @__PURE__ */ new Map([
  [RELAY_CLOSE.authTimeout, "timeout"],
  [RELAY_CLOSE.authInvalid, "refused-auth"],
  [RELAY_CLOSE.tokenInvalid, "token"],
  [RELAY_CLOSE.replaced, "replaced"],
  [RELAY_CLOSE.duplicate, "duplicate"],
  [RELAY_CLOSE.proofInvalid, "refused-auth"],
  [RELAY_CLOSE.overLimit, "busy"],
  [RELAY_CLOSE.superseded, "superseded"],
  [RELAY_CLOSE.idTaken, "id-taken"]
]);
var RelayWire = class {
  #ws;
  #target;
  #deps;
  #events;
  #scope;
  #heardAt;
  #isIn = false;
  #isOver = false;
  #said = "";
  #failure;
  /** As we told them last; undefined while the relay has not said that it has any. */
  #rooms;
  constructor(target, deps, events) {
    this.#target = target;
    this.#deps = deps;
    this.#events = events;
    this.#scope = new Scope(deps.clock);
    this.#heardAt = deps.clock.monotonic();
    this.#ws = new wrapper_default(target.url.href, optionsOf(target));
    const { guard } = deps;
    this.#ws.on(
      "open",
      guard.wrap("relay-open", () => this.#authenticate())
    );
    this.#ws.on(
      "message",
      guard.wrap("relay-message", (data) => this.#onMessage(data))
    );
    this.#ws.on("error", (thrown) => {
      this.#failure ??= dialCauseOf(thrown);
    });
    this.#ws.on(
      "close",
      guard.wrap("relay-close", (code, reason) => this.#onClose(code, reason.toString().slice(0, 120)))
    );
    this.#scope.after(LIMITS.relayClient.answerMs, () => this.#isIn || this.#fail("timeout"));
    this.#scope.every(LIMITS.relayClient.pongMs, () => this.#keepAlive());
  }
  get buffered() {
    return this.#ws.bufferedAmount;
  }
  /** False when it is over, or when the relay reads too slowly for more. */
  send(text) {
    if (this.#isOver || this.#ws.readyState !== wrapper_default.OPEN || this.buffered > LIMITS.link.outboundBytes) return false;
    this.#ws.send(text);
    return true;
  }
  pause() {
    this.#ws.pause();
  }
  resume() {
    this.#ws.resume();
  }
  close() {
    this.#fail("ended");
  }
  /** To be called when we are in other rooms than before. */
  tellRooms() {
    const rooms = this.#deps.rooms();
    if (!this.#isIn || this.#rooms === void 0 || this.#rooms.join() === rooms.join()) return;
    this.#rooms = rooms;
    this.#send({ type: "relay-rooms", rooms });
  }
  #authenticate() {
    const { keys } = this.#deps;
    const name = keys.nodeId.slice(0, 8);
    const token = this.#target.token === void 0 ? {} : { token: this.#target.token };
    const proof = "publicKey" in keys ? { publicKey: toBase64Url(keys.publicKey), proof: "v1" } : {};
    this.#send({ type: "relay-auth", nodeId: keys.nodeId, name, ...token, ...proof });
  }
  #onMessage(data) {
    if (this.#isOver || !Buffer.isBuffer(data)) return;
    this.#heardAt = this.#deps.clock.monotonic();
    const decoded = decodeObject(data);
    const frame = decoded.kind === "ok" ? parseServerFrame(decoded.value) : void 0;
    if (frame) this.#onFrame(frame);
  }
  #onFrame(frame) {
    switch (frame.type) {
      case "relay-challenge":
        return this.#prove(frame);
      case "relay-ping":
        return this.#send({ type: "relay-pong" });
      case "relay-pong":
        return;
      case "relay-reauth":
        return this.#authenticate();
      case "relay-error":
        this.#said = (frame.message ?? "").slice(0, 120);
        return;
      case "relay-peers":
        return this.#onPeers(frame);
      default:
        if (this.#isIn) this.#events.onFrame(frame);
    }
  }
  #prove({ nonce, relayId, rooms: hasRooms }) {
    const { keys } = this.#deps;
    if (!("sign" in keys)) return;
    const facts = { relayId, nonce, group: relayGroupOf(this.#target.token ?? ""), nodeId: keys.nodeId };
    this.#rooms = hasRooms ? this.#deps.rooms() : void 0;
    const rooms = this.#rooms === void 0 ? {} : { rooms: this.#rooms };
    this.#send({ type: "relay-proof", sig: toBase64Url(keys.sign(relayProofPayload(facts))), ...rooms });
  }
  #onPeers({ peers, limits }) {
    this.#isIn = true;
    this.#events.onIn(
      peers.filter(({ offline }) => offline !== true),
      limits
    );
    this.tellRooms();
  }
  /** The relay's pings may not come through; our own word keeps the way open, and silence means that it is gone. */
  #keepAlive() {
    if (this.#deps.clock.monotonic() - this.#heardAt > LIMITS.relayClient.silenceMs) return this.#fail("timeout");
    if (this.#isIn) this.#send({ type: "relay-pong" });
  }
  #send(frame) {
    this.send(JSON.stringify(frame));
  }
  #fail(cause) {
    this.#failure ??= cause;
    this.#ws.terminate();
    this.#end({ cause: this.#failure, said: this.#said });
  }
  #onClose(code, reason) {
    const cause = CAUSE_OF_CODE.get(code) ?? this.#failure ?? "ended";
    this.#end({ cause, said: reason || this.#said });
  }
  #end(end) {
    if (this.#isOver) return;
    this.#isOver = true;
    void this.#scope.stop();
    this.#events.onEnd(end);
  }
};
function optionsOf({ isForeign }) {
  return {
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: LIMITS.relayClient.answerMs,
    maxPayload: LIMITS.relay.messageBytes,
    ...isForeign ? { lookup: publicLookup } : {}
  };
}

export {
  RelayWire
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
