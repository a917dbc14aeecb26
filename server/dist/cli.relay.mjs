import {
  Guard,
  createLog,
  hintOf,
  openDatabase,
  readRelayPass,
  rootFolder
} from "./cli.shared-4.mjs";
import {
  RELAY_CLOSE,
  import_websocket_server,
  parseClientFrame
} from "./cli.shared-2.mjs";
import {
  COMMON_ROOM,
  Scope,
  array,
  boolean,
  decodeEnvelope,
  fingerprintOf,
  fromHex,
  isAcceptableEd25519,
  number,
  relayGroupOf,
  sha256,
  strictObject,
  string,
  systemClock,
  systemRandom,
  toBase64Url,
  toHex,
  utf8,
  verifyRelayProof
} from "./cli.shared-3.mjs";
import {
  TokenBucket
} from "./cli.shared-5.mjs";
import {
  LIMITS,
  MeshError,
  assertNever,
  messageOf
} from "./cli.shared-7.mjs";

// server/src/app/relay.ts
import path2 from "node:path";

// server/src/relay/schema.ts
var RELAY_MIGRATIONS = [
  {
    id: "relay-1",
    sql: `
      CREATE TABLE item (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        room TEXT NOT NULL,
        recipient TEXT NOT NULL,
        id TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        -- Says whether two items are from one sender to one recipient, to the process that wrote both and to nobody else.
        pair BLOB NOT NULL,
        digest BLOB NOT NULL,
        sealed BLOB NOT NULL,
        UNIQUE (room, recipient, id)
      ) STRICT;
      -- What is asked at each item is answered without reading the items.
      CREATE INDEX item_mailbox ON item (room, recipient, seq, bytes);
      CREATE INDEX item_pair ON item (pair);
      CREATE INDEX item_expiry ON item (expires_at);

      -- Who proved which key for which id.
      CREATE TABLE known (
        room TEXT NOT NULL,
        node_id TEXT NOT NULL,
        public_key BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (room, node_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX known_key ON known (room, fingerprint);
      CREATE INDEX known_seen ON known (seen_at);

      CREATE TABLE relay (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `
  }
];

// server/src/relay/server.ts
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

// server/src/relay/admission.ts
import { timingSafeEqual } from "node:crypto";
var Tokens = class {
  #groups;
  #byHint;
  constructor(tokens) {
    this.#groups = tokens.map((token) => {
      const group = relayGroupOf(token);
      return { group, hash: bytesOf(group) };
    });
    this.#byHint = new Map(this.#groups.map(({ group }) => [hintOf(group), group]));
  }
  get isOpen() {
    return this.#groups.length === 0;
  }
  groupFor(token) {
    const given = relayGroupOf(token ?? "");
    if (this.isOpen) return given;
    const hash = bytesOf(given);
    let found;
    for (const known of this.#groups) if (timingSafeEqual(known.hash, hash)) found = known.group;
    return found;
  }
  /** `groupHere`: the group of this hint that has members now; an open relay knows no other. */
  admit(token, now, groupHere) {
    const pass = token === void 0 ? void 0 : readRelayPass(token);
    if (pass === void 0) {
      const group2 = this.groupFor(token);
      return group2 && { group: group2, guest: void 0 };
    }
    const group = this.isOpen ? groupHere(pass.hint) : this.#byHint.get(pass.hint);
    if (group === void 0 || now > pass.until || !pass.opens(group)) return void 0;
    return { group, guest: { room: pass.room, until: pass.until } };
  }
};
function bytesOf(group) {
  return fromHex(group) ?? new Uint8Array();
}
var Admission = class {
  #limits;
  #perAddress = /* @__PURE__ */ new Map();
  #waiting = 0;
  constructor(limits) {
    this.#limits = limits;
  }
  get waiting() {
    return this.#waiting;
  }
  /** `address` undefined: it is not known yet for whom a proxy speaks. */
  enter(address) {
    const key = address === void 0 ? void 0 : networkOf(address);
    const count = key === void 0 ? 0 : this.#perAddress.get(key) ?? 0;
    if (this.#waiting >= this.#limits.unauthenticated || count >= this.#limits.unauthenticatedPerAddress) return void 0;
    this.#waiting++;
    if (key !== void 0) this.#perAddress.set(key, count + 1);
    let isFree = false;
    return {
      free: () => {
        if (isFree) return;
        isFree = true;
        this.#waiting--;
        if (key !== void 0) this.#leave(key);
      }
    };
  }
  #leave(key) {
    const count = (this.#perAddress.get(key) ?? 1) - 1;
    if (count === 0) this.#perAddress.delete(key);
    else this.#perAddress.set(key, count);
  }
};
function networkOf(address) {
  const plain = plainAddress(address);
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === void 0 || tail === "" ? [] : tail.split(":");
  const gap = tail === void 0 ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...gap, ...right].slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
function plainAddress(address) {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
function clientAddress(remote, forwarded, proxies) {
  const hops = [...(forwarded ?? "").split(",").map((hop) => plainAddress(hop.trim())), plainAddress(remote)];
  const last = hops.findLastIndex((hop) => hop !== "" && !proxies.has(hop));
  if (!proxies.has(plainAddress(remote)) || last < 0) return plainAddress(remote);
  return (hops[last] ?? "").slice(0, 64);
}

// server/src/relay/arrival.ts
var Arrival = class {
  socket;
  /** Its own address, which may be that of a proxy. */
  remote;
  connection;
  #place;
  #deadline;
  #uncount;
  constructor(socket, remote, place, deadline) {
    this.socket = socket;
    this.remote = remote;
    this.#place = place;
    this.#deadline = deadline;
  }
  /** It counts for somebody else: the one that a proxy speaks for. */
  moveTo(place) {
    this.#place?.free();
    this.#place = place;
  }
  /** The largest message is for members; before that nobody may make us hold more than this. */
  limitBytes(socket, begun, most) {
    let bytes = begun;
    const onData = (chunk) => {
      bytes += chunk.length;
      if (bytes > most) socket.destroy();
    };
    socket.on("data", onData);
    this.#uncount = () => socket.off("data", onData);
  }
  free() {
    this.#place?.free();
    this.#deadline?.cancel();
    this.#uncount?.();
    this.#place = void 0;
    this.#deadline = void 0;
    this.#uncount = void 0;
  }
};

// server/src/relay/limits.ts
var DEFAULT_RELAY_LIMITS = LIMITS.relay;
function offerOf(limits) {
  const { messageBytes, messagesPerSecond, bytesPerSecond, itemBytes, queueItems, queueBytes, pairItems, ttlMs } = limits;
  return { messageBytes, messagesPerSecond, bytesPerSecond, itemBytes, queueItems, queueBytes, pairItems, ttlMs };
}

// server/src/relay/mail-drain.ts
var PAGE = 8;
var MailDrain = class {
  #deps;
  #pending = /* @__PURE__ */ new Set();
  #lastSeq = 0;
  #isFilling = false;
  #isAsked = false;
  #isStopped = false;
  constructor(deps) {
    this.#deps = deps;
  }
  /** There may be something to send. */
  async wake() {
    this.#isAsked = true;
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      while (this.#isAsked) {
        this.#isAsked = false;
        await this.#fill();
      }
    } finally {
      this.#isFilling = false;
    }
  }
  /** How many of these were really pending: an item that was never sent cannot be taken. */
  async taken(ids) {
    const known = ids.filter((id) => this.#pending.has(id));
    if (known.length === 0) return 0;
    await this.#deps.queue.ack(this.#deps.mailbox, known);
    for (const id of known) this.#pending.delete(id);
    await this.wake();
    return known.length;
  }
  stop() {
    this.#isStopped = true;
  }
  async #fill() {
    while (this.#mayGoOn()) {
      const room = Math.min(PAGE, this.#deps.window - this.#pending.size);
      const items = await this.#deps.queue.next(this.#deps.mailbox, this.#lastSeq, room);
      if (items.length === 0) return;
      for (const item of items) {
        if (this.#isStopped) return;
        this.#lastSeq = item.seq;
        this.#pending.add(item.id);
        this.#deps.send(item);
      }
    }
  }
  #mayGoOn() {
    return !this.#isStopped && this.#pending.size < this.#deps.window && this.#deps.canSend();
  }
};

// server/src/relay/outbound.ts
var FIN_TEXT = 129;
var LENGTH_16 = 126;
var LENGTH_64 = 127;
var JOIN_BYTES = 65536;
function textFrame(text) {
  const { frame, head } = emptyFrame(Buffer.byteLength(text));
  frame.write(text, head);
  return frame;
}
function wrappedFrame(before, middle, after) {
  const start = Buffer.byteLength(before);
  const bytes = start + middle.length + after.length;
  const { frame, head } = emptyFrame(bytes);
  frame.write(before, head);
  frame.set(middle, head + start);
  frame.write(after, head + start + middle.length, "latin1");
  return frame;
}
function emptyFrame(bytes) {
  const head = bytes < LENGTH_16 ? 2 : bytes < 65536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = FIN_TEXT;
  if (head === 2) frame[1] = bytes;
  else if (head === 4) frame.writeUInt16BE(bytes, frame.writeUInt8(LENGTH_16, 1));
  else frame.writeBigUInt64BE(BigInt(bytes), frame.writeUInt8(LENGTH_64, 1));
  return { frame, head };
}
var Flusher = class {
  #dirty = [];
  add(outbound) {
    this.#dirty.push(outbound);
    if (this.#dirty.length === 1) setImmediate(() => this.flush());
  }
  flush() {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const outbound of dirty) outbound.flush();
  }
};
var Outbound = class {
  #socket;
  #flusher;
  #waiting = [];
  #bytes = 0;
  #isEnded = false;
  constructor(socket, flusher) {
    this.#socket = socket;
    this.#flusher = flusher;
  }
  /** Bytes that the system has not taken yet. */
  get buffered() {
    return this.#bytes + this.#socket.writableLength;
  }
  send(frame) {
    if (this.#isEnded) return;
    this.#waiting.push(frame);
    this.#bytes += frame.length;
    if (this.#waiting.length === 1) this.#flusher.add(this);
  }
  flush() {
    const waiting = this.#waiting;
    const bytes = this.#bytes;
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#isEnded || waiting.length === 0 || !this.#socket.writable) return;
    if (bytes <= JOIN_BYTES) this.#socket.write(waiting.length === 1 ? waiting[0] : Buffer.concat(waiting, bytes));
    else this.#writeParts(waiting);
  }
  /** Nothing may follow the close frame: what waits goes first, what comes later is dropped. */
  end() {
    this.flush();
    this.#isEnded = true;
  }
  #writeParts(parts) {
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }
};

// server/src/relay/pressure.ts
var Pressure = class {
  #deps;
  #outbound;
  #messages;
  #bytes;
  /** Members that wait until this one has read. */
  #waiting;
  #holds = 0;
  #drainedAt;
  #lastBuffered = 0;
  constructor(deps) {
    const { limits } = deps;
    const now = deps.clock.monotonic();
    this.#deps = deps;
    this.#outbound = new Outbound(deps.socket, deps.flusher);
    this.#messages = new TokenBucket(limits.messagesBurst, limits.messagesPerSecond, now);
    this.#bytes = new TokenBucket(limits.bytesBurst, limits.bytesPerSecond, now);
    this.#drainedAt = now;
  }
  get isHeld() {
    return this.#holds > 0;
  }
  /** Whether more may be sent that can wait elsewhere. */
  get isLow() {
    return this.#outbound.buffered < this.#softCap;
  }
  send(frame) {
    this.#outbound.send(frame);
  }
  /** Sends what another member said; that one waits while too much is waiting here. */
  deliver(frame, from) {
    this.#outbound.send(frame);
    const { buffered } = this.#outbound;
    if (buffered > this.#deps.limits.outboundBytes) return "too-much";
    if (from === void 0 || buffered <= this.#softCap || this.#waiting?.has(from)) return "sent";
    this.#waiting ??= /* @__PURE__ */ new Map();
    this.#waiting.set(from, from.hold());
    return "held";
  }
  /** Not read any more until the returned function is called. */
  hold() {
    this.#holds++;
    if (this.#holds === 1) this.#deps.reader.pause();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds--;
      if (this.#holds === 0) this.#deps.reader.resume();
    };
  }
  /** Above its rate a member is not cut off: it is not read until its bucket is level again. */
  spend(bytes) {
    const { clock } = this.#deps;
    const now = clock.monotonic();
    this.#messages.spend(now, 1);
    this.#bytes.spend(now, bytes);
    const waitMs = Math.max(this.#messages.waitMs(now, 0), this.#bytes.waitMs(now, 0));
    if (waitMs === 0) return "within";
    clock.after(waitMs, this.hold());
    return "throttled";
  }
  onDrain() {
    this.#drainedAt = this.#deps.clock.monotonic();
    this.release();
  }
  /** To be called every second or so: whether it reads nothing of what waits for it. */
  isStuck() {
    const now = this.#deps.clock.monotonic();
    const { buffered } = this.#outbound;
    if (buffered === 0 || buffered < this.#lastBuffered) this.#drainedAt = now;
    if (this.isLow) this.release();
    this.#lastBuffered = buffered;
    return now - this.#drainedAt > this.#deps.limits.stuckMs;
  }
  /** Lets go on who waits. */
  release() {
    const waiting = this.#waiting;
    this.#waiting = void 0;
    if (waiting) for (const release of waiting.values()) release();
  }
  end() {
    this.release();
    this.#outbound.end();
  }
  get #softCap() {
    return this.#deps.limits.outboundBytes / 4;
  }
};

// server/src/relay/seat.ts
var Seat = class {
  group;
  nodeId;
  name;
  facts;
  /** Everything before the payload in what it sends to others. */
  prefix;
  proven;
  since;
  mail;
  rooms;
  guest;
  #sitter;
  constructor(sitter, group, { nodeId, name, guest, rooms, proven, since, mail }) {
    const quoted = JSON.stringify(name);
    const key = proven ? `,"publicKey":"${toBase64Url(proven.publicKey)}"` : "";
    this.#sitter = sitter;
    this.group = group;
    this.nodeId = nodeId;
    this.name = name;
    this.facts = whole(`"nodeId":"${nodeId}","name":${quoted}${key}`);
    this.prefix = whole(`{"from":"${nodeId}","fromName":${quoted},"payload":`);
    this.proven = proven;
    this.since = since;
    this.mail = mail;
    this.rooms = rooms;
    this.guest = guest;
  }
  get isGuest() {
    return this.guest !== void 0;
  }
  deliver(frame, from) {
    this.#sitter.deliver(frame, from);
  }
  onMail() {
    this.#sitter.onMail();
  }
  replaced(by) {
    this.#sitter.replaced(by);
  }
  hold() {
    return this.#sitter.hold();
  }
};
function whole(text) {
  return Buffer.from(text).toString();
}

// server/src/relay/connection.ts
var NONCE_BYTES = 32;
var MOST_FAULTS = 3;
var GOODBYE_MS = 1e3;
var LISTS_PER_MINUTE = 30;
var COMMON = /* @__PURE__ */ new Set([COMMON_ROOM]);
var RelayConnection = class {
  #deps;
  #ws;
  #pressure;
  #place;
  /** Most never need these. */
  #bad;
  #lists;
  #challenge;
  #seat;
  #isJoining = false;
  #isClosed = false;
  #faults = 0;
  #unanswered = 0;
  #pingedAt;
  constructor(ws, socket, place, deps) {
    const { clock, limits, flusher } = deps;
    const now = deps.clock.monotonic();
    this.#deps = deps;
    this.#ws = ws;
    this.#place = place;
    this.#pressure = new Pressure({ clock, limits, flusher, socket, reader: ws });
    this.#pingedAt = now;
    ws.on("message", (data, isBinary) => this.#guard(() => this.#onMessage(data, isBinary)));
    ws.on("error", () => deps.metrics.count("bad_frames"));
    ws.on("close", () => this.#onClose());
    socket.on("drain", () => this.#guard(() => this.#onDrain()));
  }
  get isIn() {
    return this.#seat !== void 0;
  }
  /** To be called every second or so. */
  beat() {
    if (this.#seat === void 0 || this.#isClosed) return;
    const now = this.#deps.clock.monotonic();
    const { guest } = this.#seat;
    if (guest && this.#deps.clock.now() > guest.until) return this.close(RELAY_CLOSE.tokenInvalid, "the pass has run out");
    if (this.#pressure.isStuck()) return this.#cut("does not read");
    if (now - this.#pingedAt < this.#deps.limits.pingMs || this.#pressure.isHeld) return;
    if (this.#unanswered >= this.#deps.limits.missedPongs) return this.close(RELAY_CLOSE.heartbeat, "no answer to pings");
    this.#unanswered++;
    this.#pingedAt = now;
    this.#send({ type: "relay-ping" });
  }
  close(code, reason) {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pressure.end();
    this.#leave();
    this.#ws.resume();
    this.#ws.close(code, reason);
    const timer = this.#deps.clock.after(GOODBYE_MS, () => this.#ws.terminate());
    this.#ws.once("close", () => timer.cancel());
  }
  #guard(work) {
    const failed = (thrown) => {
      this.#deps.metrics.count("bugs");
      this.#deps.log.error("bug", { error: messageOf(thrown) });
      this.#faults++;
      if (this.#faults >= MOST_FAULTS) this.close(RELAY_CLOSE.internal, "internal error");
    };
    try {
      work()?.catch(failed);
    } catch (thrown) {
      failed(thrown);
    }
  }
  #onMessage(data, isBinary) {
    if (this.#isClosed || !Buffer.isBuffer(data)) return;
    this.#unanswered = 0;
    if (this.#pressure.spend(data.length) === "throttled") this.#deps.metrics.count("throttled");
    const decoded = isBinary ? { kind: "rejected", rule: "bad-json" } : decodeEnvelope(data);
    if (decoded.kind === "ok") {
      if (this.#seat === void 0) return this.#asStranger(decoded.value);
      return this.#asMember(this.#seat, parseClientFrame(decoded.value), decoded.payload);
    }
    if (this.#seat) return this.#onBadFrame();
    if (decoded.rule !== "bad-json" && decoded.rule !== "bad-utf8") this.#refuse(RELAY_CLOSE.authInvalid, "relay-auth expected");
  }
  #asStranger(value) {
    if (this.#isJoining) return;
    const frame = parseClientFrame(value);
    if (frame?.type === "relay-auth" && this.#challenge === void 0) return this.#onAuth(frame);
    if (frame?.type === "relay-proof" && this.#challenge !== void 0) return this.#onProof(frame, this.#challenge);
    this.#refuse(RELAY_CLOSE.authInvalid, "relay-auth expected");
  }
  #onAuth(auth) {
    const admitted = this.#admit(auth);
    if (admitted === void 0) return this.#refuse(RELAY_CLOSE.tokenInvalid, "Invalid token");
    const { publicKey } = auth;
    if (publicKey === void 0 || auth.proof === void 0) {
      if (admitted.guest) return this.#refuse(RELAY_CLOSE.proofInvalid, "a guest proves a key");
      return this.#join(admitted, auth, COMMON, void 0);
    }
    if (!isAcceptableEd25519(publicKey)) return this.#refuse(RELAY_CLOSE.proofInvalid, "this key cannot be used");
    this.#askForProof({ auth, publicKey, admitted, nonce: this.#deps.random(NONCE_BYTES) });
  }
  #admit({ token }) {
    const { tokens, clock, router } = this.#deps;
    return tokens.admit(token, clock.now(), (hint) => router.groupOf(hint));
  }
  #askForProof(challenge) {
    this.#challenge = challenge;
    this.#send({ type: "relay-challenge", nonce: toBase64Url(challenge.nonce), relayId: this.#deps.relayId, rooms: true });
  }
  #onProof({ sig, rooms: named }, { auth, publicKey, admitted, nonce }) {
    this.#challenge = void 0;
    const facts = { relayId: this.#deps.relayId, nonce, group: relayGroupOf(auth.token ?? ""), nodeId: auth.nodeId };
    if (!verifyRelayProof(facts, publicKey, sig)) return this.#refuse(RELAY_CLOSE.proofInvalid, "the proof does not verify");
    if (this.#seat) return this.#enterRooms(this.#seat, named);
    return this.#join(admitted, auth, roomsOf(admitted.guest, named), publicKey);
  }
  #enterRooms(seat, named) {
    this.#deps.router.move(seat.group, seat, roomsOf(seat.guest, named));
    this.#tellPeers(seat);
  }
  async #join(admitted, auth, rooms, publicKey) {
    this.#isJoining = true;
    const { group, guest } = admitted;
    const proven = publicKey && { publicKey, fingerprint: fingerprintOf(publicKey) };
    const mail = guest === void 0 && proven ? this.#drainOf(group, proven.fingerprint) : void 0;
    const seat = new Seat(this, group, { ...auth, guest, rooms, proven, mail, since: this.#deps.clock.monotonic() });
    const outcome = await this.#deps.router.join(group, seat);
    this.#isJoining = false;
    if (outcome.kind === "refused") return this.#refuseJoin(outcome.why);
    if (this.#isClosed) return this.#deps.router.leave(group, seat);
    this.#seat = seat;
    this.#place.free();
    this.#deps.metrics.count("joined");
    this.#tellPeers(seat);
    await seat.mail?.wake();
  }
  #refuseJoin(why) {
    switch (why) {
      case "duplicate":
        return this.#refuse(RELAY_CLOSE.duplicate, "this node id is connected already");
      case "id-taken":
        return this.#refuse(RELAY_CLOSE.idTaken, "this node id belongs to another key");
      case "group-full":
        return this.#refuse(RELAY_CLOSE.overLimit, "the group is full");
      default:
        return assertNever(why);
    }
  }
  #drainOf(group, recipient) {
    const { queue, limits, metrics } = this.#deps;
    return new MailDrain({
      queue,
      mailbox: { group, recipient },
      window: limits.mailWindow,
      canSend: () => !this.#isClosed && this.#pressure.isLow,
      send: ({ id, sealed }) => {
        metrics.count("mailed");
        this.#send({ type: "relay-mail", id, sealed: toBase64Url(sealed) });
      }
    });
  }
  #tellPeers(seat) {
    const peers = this.#deps.router.others(seat.group, seat).map(({ facts }) => `{${facts}}`).join(",");
    const limits = seat.proven && !seat.isGuest ? `,"limits":${JSON.stringify(offerOf(this.#deps.limits))}` : "";
    this.#pressure.send(textFrame(`{"type":"relay-peers","peers":[${peers}]${limits}}`));
  }
  /** `raw`: the payload as it came, where it may be passed on so. */
  #asMember(seat, frame, raw) {
    switch (frame?.type) {
      case "envelope":
        return this.#route(seat, frame, raw);
      case "relay-put":
        return this.#put(seat, frame);
      case "relay-taken":
        return this.#taken(seat, frame);
      case "relay-rooms":
        return this.#move(seat, frame);
      case "relay-ping":
        return this.#send({ type: "relay-pong" });
      case "relay-pong":
        return;
      case "relay-auth":
        return this.#onReAuth(seat, frame);
      case "relay-proof":
        return this.#challenge ? this.#onProof(frame, this.#challenge) : this.#onBadFrame();
      case void 0:
        return this.#onBadFrame();
      default:
        return assertNever(frame);
    }
  }
  #route(seat, { to, id, payload }, raw) {
    const { router, metrics } = this.#deps;
    if (seat.isGuest && to === void 0) return this.#onBadFrame();
    metrics.count("messages");
    const frame = raw ? wrappedFrame(seat.prefix, raw, "}") : textFrame(`${seat.prefix}${JSON.stringify(payload)}}`);
    const sent = router.send(seat.group, seat, to, frame);
    metrics.count("deliveries", sent);
    const isLost = to !== void 0 && sent === 0;
    if (isLost) metrics.count("undeliverable");
    if (seat.proven === void 0) return;
    if (isLost) this.#send({ type: "relay-refused", ...id === void 0 ? {} : { id }, to, reason: "not-here" });
    else if (id !== void 0) this.#send({ type: "relay-ack", id });
  }
  async #put({ group, proven, isGuest }, { id, to, sealed, ttlMs }) {
    const { router, queue, limits, metrics } = this.#deps;
    const refuse = (reason) => {
      metrics.count("store_refused");
      this.#send({ type: "relay-refused", id, reason });
    };
    if (proven === void 0 || isGuest) return refuse("not-proven");
    if (!await router.knows(group, to)) return refuse("unknown-recipient");
    const sender = proven.fingerprint;
    const outcome = await queue.put({ group, recipient: to, id, sealed, ttlMs: ttlMs ?? limits.ttlMs, sender });
    if (outcome.kind === "refused") return refuse(outcome.reason);
    metrics.count("stored");
    this.#send({ type: "relay-stored", id, expiresAt: outcome.expiresAt });
    router.wake(group, to);
  }
  async #taken({ mail }, { ids }) {
    if (mail) this.#deps.metrics.count("taken", await mail.taken(ids));
  }
  /** Only of who proved a key: the others know of no rooms. */
  #move(seat, { rooms }) {
    if (seat.proven === void 0) return this.#onBadFrame();
    if (!this.#mayAskAgain()) return;
    this.#enterRooms(seat, rooms);
  }
  #mayAskAgain() {
    const now = this.#deps.clock.monotonic();
    this.#lists ??= new TokenBucket(LISTS_PER_MINUTE, LISTS_PER_MINUTE / 60, now);
    if (this.#lists.take(now)) return true;
    this.#cut("too many authentications, or changes of rooms");
    return false;
  }
  /** The same member again, on the connection that it has: with a key it proves it anew, with a fresh nonce. */
  #onReAuth(seat, auth) {
    const admitted = this.#admit(auth);
    const isSame = auth.nodeId === seat.nodeId && admitted?.group === seat.group && admitted.guest?.until === seat.guest?.until;
    if (!isSame) return this.#refuse(RELAY_CLOSE.authInvalid, "another identity on this connection");
    if (!this.#mayAskAgain()) return;
    const { proven } = seat;
    if (proven === void 0) return this.#tellPeers(seat);
    this.#askForProof({ auth, publicKey: proven.publicKey, admitted, nonce: this.#deps.random(NONCE_BYTES) });
  }
  #onBadFrame() {
    this.#deps.metrics.count("bad_frames");
    const { badFrames, badFramesWindowMs } = LIMITS.json;
    const now = this.#deps.clock.monotonic();
    this.#bad ??= new TokenBucket(badFrames, badFrames / (badFramesWindowMs / 1e3), now);
    if (!this.#bad.take(now)) this.#cut("too many bad frames");
  }
  #refuse(code, message) {
    if (this.#isClosed) return;
    this.#deps.metrics.count("auth_failed");
    this.#send({ type: "relay-error", message });
    this.close(code, message);
  }
  /** Another connection has its place. */
  replaced(by) {
    if (by === "same-key") this.close(RELAY_CLOSE.superseded, "this key is connected from elsewhere");
    else this.close(RELAY_CLOSE.replaced, "replaced by a newer connection");
  }
  #cut(why) {
    this.#deps.metrics.count("cut");
    this.close(RELAY_CLOSE.overLimit, why);
  }
  #send(frame) {
    this.#pressure.send(textFrame(JSON.stringify(frame)));
  }
  deliver(frame, from) {
    if (this.#isClosed) return;
    const outcome = this.#pressure.deliver(frame, from);
    if (outcome === "held") this.#deps.metrics.count("held");
    if (outcome === "too-much") this.#cut("reads too slowly");
  }
  onMail() {
    this.#guard(() => this.#seat?.mail?.wake());
  }
  /** Nothing more is read from it until the returned function is called. */
  hold() {
    return this.#pressure.hold();
  }
  #onDrain() {
    this.#pressure.onDrain();
    return this.#seat?.mail?.wake();
  }
  #leave() {
    this.#seat?.mail?.stop();
    if (this.#seat) this.#deps.router.leave(this.#seat.group, this.#seat);
  }
  #onClose() {
    if (!this.#isClosed) this.#leave();
    this.#isClosed = true;
    this.#pressure.end();
    this.#place.free();
  }
};
function roomsOf(guest, named) {
  if (guest) return /* @__PURE__ */ new Set([guest.room]);
  return named === void 0 ? COMMON : new Set(named);
}

// server/src/relay/local-router.ts
var YOUNG_MS = 5e3;
var LocalRouter = class {
  #deps;
  #halls = /* @__PURE__ */ new Map();
  /** By its hint, each group that has members. */
  #hints = /* @__PURE__ */ new Map();
  constructor(deps) {
    this.#deps = deps;
  }
  get groups() {
    return this.#halls.size;
  }
  async join(group, member) {
    const refused = this.#refusal(group, member);
    if (refused) return refused;
    if (member.proven && !member.isGuest) await this.#deps.book.note(group, member.nodeId, member.proven.publicKey);
    return this.#refusal(group, member) ?? this.#enter(group, member);
  }
  leave(group, member) {
    const hall = this.#halls.get(group);
    if (hall?.members.get(member.nodeId) !== member) return;
    this.#remove(hall, member);
    if (hall.members.size === 0) this.#forget(group);
    else tell(othersIn(hall, member), textFrame(`{"type":"relay-peer-left",${member.facts}}`));
  }
  send(group, from, to, frame) {
    const hall = this.#halls.get(group);
    if (hall === void 0) return 0;
    if (to === void 0) return toOthers(hall, from, frame);
    const target = hall.members.get(to);
    if (target === void 0 || target === from || !isTogether(from.rooms, target.rooms)) return 0;
    target.deliver(frame, from);
    return 1;
  }
  move(group, member, rooms) {
    const before = this.others(group, member);
    member.rooms = rooms;
    if (this.#halls.get(group)?.members.get(member.nodeId) !== member) return;
    const after = this.others(group, member);
    const [left, joined] = [without(before, after), without(after, before)];
    tell(left, textFrame(`{"type":"relay-peer-left",${member.facts}}`));
    tell(joined, textFrame(`{"type":"relay-peer-joined",${member.facts}}`));
  }
  others(group, member) {
    const hall = this.#halls.get(group);
    return hall ? othersIn(hall, member) : [];
  }
  groupOf(hint) {
    return this.#hints.get(hint);
  }
  async knows(group, fingerprint) {
    return this.#deps.book.knows(group, fingerprint);
  }
  wake(group, fingerprint) {
    this.#halls.get(group)?.byKey.get(fingerprint)?.onMail();
  }
  expire() {
    return this.#deps.book.expire();
  }
  #refusal(group, member) {
    const hall = this.#halls.get(group);
    const holder = hall?.members.get(member.nodeId);
    if (member.isGuest && this.#isFullOfGuests(hall, member)) return { kind: "refused", why: "group-full" };
    const owner = this.#deps.book.ownerOf(group, member.nodeId);
    if (owner !== void 0 && !isKeyOf(member, owner)) return { kind: "refused", why: "id-taken" };
    if (holder === void 0) {
      const isReturning = member.proven !== void 0 && hall?.byKey.has(member.proven.fingerprint);
      return !isReturning && (hall?.members.size ?? 0) >= this.#deps.limits.perGroup ? { kind: "refused", why: "group-full" } : void 0;
    }
    if (holder.proven !== void 0) return isKeyOf(member, holder.proven.publicKey) ? void 0 : { kind: "refused", why: "id-taken" };
    if (member.isGuest) return { kind: "refused", why: "id-taken" };
    const isYoung = this.#deps.clock.monotonic() - holder.since < YOUNG_MS;
    return member.proven === void 0 && isYoung ? { kind: "refused", why: "duplicate" } : void 0;
  }
  #isFullOfGuests(hall, coming) {
    const guests = [...hall?.members.values() ?? []].filter(({ isGuest, nodeId }) => isGuest && nodeId !== coming.nodeId);
    return guests.length >= this.#deps.limits.guestsPerGroup;
  }
  #forget(group) {
    this.#halls.delete(group);
    this.#hints.delete(hintOf(group));
  }
  #enter(group, member) {
    const hall = this.#halls.get(group) ?? { members: /* @__PURE__ */ new Map(), byKey: /* @__PURE__ */ new Map() };
    this.#halls.set(group, hall);
    this.#hints.set(hintOf(group), group);
    const sameId = hall.members.get(member.nodeId);
    const sameKey = member.proven && hall.byKey.get(member.proven.fingerprint);
    for (const old of /* @__PURE__ */ new Set([sameId, sameKey])) if (old) this.#replace(hall, old, member);
    hall.members.set(member.nodeId, member);
    if (member.proven) hall.byKey.set(member.proven.fingerprint, member);
    tell(othersIn(hall, member), textFrame(`{"type":"relay-peer-joined",${member.facts}}`));
    return { kind: "joined" };
  }
  #replace(hall, old, by) {
    this.#remove(hall, old);
    const isSameKey = old.proven !== void 0 && isKeyOf(by, old.proven.publicKey);
    const [before, after] = [othersIn(hall, old), old.nodeId === by.nodeId ? othersIn(hall, by) : []];
    tell(without(before, after), textFrame(`{"type":"relay-peer-left",${old.facts}}`));
    old.replaced(isSameKey ? "same-key" : "same-id");
  }
  #remove(hall, member) {
    hall.members.delete(member.nodeId);
    if (member.proven && hall.byKey.get(member.proven.fingerprint) === member) hall.byKey.delete(member.proven.fingerprint);
  }
};
function isKeyOf(member, publicKey) {
  return member.proven !== void 0 && Buffer.compare(member.proven.publicKey, publicKey) === 0;
}
function isTogether(one, other) {
  if (one === other) return true;
  for (const room of one) if (other.has(room)) return true;
  return false;
}
function othersIn(hall, member) {
  return [...hall.members.values()].filter((other) => other !== member && isTogether(member.rooms, other.rooms));
}
function without(members, less) {
  const gone = new Set(less);
  return gone.size === 0 ? members : members.filter((member) => !gone.has(member));
}
function tell(members, frame) {
  for (const member of members) member.deliver(frame, void 0);
}
function toOthers(hall, from, frame) {
  let sent = 0;
  for (const member of hall.members.values()) {
    if (member === from || !isTogether(from.rooms, member.rooms)) continue;
    member.deliver(frame, from);
    sent++;
  }
  return sent;
}

// server/src/relay/member-book.ts
var DAY_MS = 864e5;
var MemberBook = class {
  #db;
  #clock;
  #limits;
  constructor(db, clock, limits) {
    this.#db = db;
    this.#clock = clock;
    this.#limits = limits;
  }
  /** The key that owns this id, if one does. */
  ownerOf(group, nodeId) {
    const key = this.#db.get("SELECT public_key FROM known WHERE room = ? AND node_id = ?", group, nodeId)?.["public_key"];
    return key instanceof Uint8Array ? key : void 0;
  }
  knows(group, fingerprint) {
    return this.#db.get("SELECT 1 AS one FROM known WHERE room = ? AND fingerprint = ? LIMIT 1", group, fingerprint) !== void 0;
  }
  /** Notes that the holder of this key came; resolves when it is on disk. One key has one id: the newest. */
  async note(group, nodeId, publicKey) {
    const fingerprint = fingerprintOf(publicKey);
    await this.#db.write(() => {
      this.#db.run("DELETE FROM known WHERE room = ? AND fingerprint = ? AND node_id <> ?", group, fingerprint, nodeId);
      if (this.ownerOf(group, nodeId) === void 0 && this.#isFull(group)) return;
      this.#db.run(
        "INSERT INTO known VALUES (?, ?, ?, ?, ?) ON CONFLICT (room, node_id) DO UPDATE SET seen_at = excluded.seen_at",
        group,
        nodeId,
        publicKey,
        fingerprint,
        this.#clock.now()
      );
    });
  }
  async expire() {
    const since = this.#clock.now() - this.#limits.knownDays * DAY_MS;
    await this.#db.write(() => this.#db.run("DELETE FROM known WHERE seen_at < ?", since));
  }
  #isFull(group) {
    return Number(this.#db.get("SELECT count(*) AS n FROM known WHERE room = ?", group)?.["n"]) >= this.#limits.knownPerGroup;
  }
};

// server/src/relay/metrics.ts
var COUNTERS = {
  accepted: "connections accepted",
  refused_address: "connections refused: too many without authentication from one address, or in all",
  refused_http: "HTTP requests and upgrades refused",
  auth_failed: "authentications refused",
  joined: "members let in",
  messages: "envelopes taken",
  deliveries: "envelopes handed to a member",
  undeliverable: "envelopes for somebody who is not here",
  bad_frames: "frames dropped: malformed, or not allowed",
  throttled: "times that a member was made to wait for its rate",
  held: "times that a member was made to wait for a slow reader",
  cut: "members cut off: over a limit, or not reading",
  stored: "items stored",
  store_refused: "items refused",
  mailed: "items sent to their recipient",
  taken: "items taken by their recipient",
  expired: "items that were too old",
  bugs: "faults of the relay itself"
};
var Metrics = class {
  #counts = /* @__PURE__ */ new Map();
  count(name, by = 1) {
    this.#counts.set(name, this.get(name) + by);
  }
  get(name) {
    return this.#counts.get(name) ?? 0;
  }
  text(gauges) {
    const counters = Object.entries(COUNTERS).flatMap(([name, help]) => [
      `# HELP mesh_relay_${name}_total ${help}`,
      `# TYPE mesh_relay_${name}_total counter`,
      `mesh_relay_${name}_total ${this.#counts.get(name) ?? 0}`
    ]);
    const levels = Object.entries(gauges).flatMap(([name, value]) => [`# TYPE mesh_relay_${name} gauge`, `mesh_relay_${name} ${value}`]);
    return `${[...counters, ...levels].join("\n")}
`;
  }
};

// server/src/relay/sqlite-queue.ts
import { createHmac } from "node:crypto";
var DIGEST_BYTES = 16;
var EXPIRE_AT_ONCE = 1e3;
var SqliteQueue = class {
  #deps;
  #secret;
  /** Bytes per group, and in all. */
  #groups = /* @__PURE__ */ new Map();
  #total = { items: 0, bytes: 0 };
  #isHealthy = true;
  #isMiscounted = false;
  constructor(deps) {
    this.#deps = deps;
    this.#secret = deps.random(32);
    this.#recount();
    deps.db.onRollback(() => {
      this.#isMiscounted = true;
    });
  }
  /** Whether the last write reached the disk. */
  get isHealthy() {
    return this.#isHealthy;
  }
  async put(item) {
    if (item.sealed.length > this.#deps.limits.itemBytes) return { kind: "refused", reason: "too-large" };
    try {
      return await this.#counted(() => this.#insert(item));
    } catch (thrown) {
      this.#deps.log.error("an item could not be stored", { error: messageOf(thrown) });
      return { kind: "refused", reason: "store-failed" };
    }
  }
  async next({ group, recipient }, seq, limit) {
    const rows = this.#deps.db.all(
      "SELECT seq, id, digest, sealed FROM item WHERE room = ? AND recipient = ? AND seq > ? AND expires_at > ? ORDER BY seq LIMIT ?",
      group,
      recipient,
      seq,
      this.#deps.clock.now(),
      limit
    );
    return rows.flatMap((row) => this.#read(row) ?? []);
  }
  async ack({ group, recipient }, ids) {
    const where = "room = ? AND recipient = ? AND id = ?";
    await this.#counted(() => {
      for (const id of ids) this.#remove(where, group, recipient, id);
    });
  }
  expire() {
    const where = "seq IN (SELECT seq FROM item WHERE expires_at <= ? LIMIT ?)";
    return this.#counted(() => this.#remove(where, this.#deps.clock.now(), EXPIRE_AT_ONCE));
  }
  usage(mailbox) {
    if (this.#isMiscounted) this.#recount();
    return mailbox === void 0 ? this.#total : this.#sum("room = ? AND recipient = ?", mailbox.group, mailbox.recipient);
  }
  #insert(item) {
    const { db, clock, limits } = this.#deps;
    const { group, recipient, id, sealed } = item;
    const digest = digestOf(sealed);
    const known = db.get("SELECT digest, expires_at FROM item WHERE room = ? AND recipient = ? AND id = ?", group, recipient, id);
    if (known) {
      const isSame = known["digest"] instanceof Uint8Array && Buffer.compare(known["digest"], digest) === 0;
      return isSame ? { kind: "stored", expiresAt: Number(known["expires_at"]) } : { kind: "refused", reason: "id-used" };
    }
    const pair = this.#pairOf(item);
    if (!this.#hasRoom(item, pair)) return { kind: "refused", reason: "queue-full" };
    const expiresAt = clock.now() + Math.min(item.ttlMs, limits.ttlMs);
    const columns = "(room, recipient, id, bytes, expires_at, pair, digest, sealed)";
    db.run(
      `INSERT INTO item ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      group,
      recipient,
      id,
      sealed.length,
      expiresAt,
      pair,
      digest,
      sealed
    );
    this.#add(group, 1, sealed.length);
    return { kind: "stored", expiresAt };
  }
  #hasRoom({ group, recipient, sealed }, pair) {
    const { limits, db } = this.#deps;
    const box = this.usage({ group, recipient });
    const ofPair = Number(db.get("SELECT count(*) AS n FROM item WHERE pair = ?", pair)?.["n"]);
    return box.items < limits.queueItems && box.bytes + sealed.length <= limits.queueBytes && ofPair < limits.pairItems && (this.#groups.get(group) ?? 0) + sealed.length <= limits.groupBytes && this.#total.bytes + sealed.length <= limits.storeBytes;
  }
  #read(row) {
    const { seq, id, digest, sealed } = row;
    const isWhole = sealed instanceof Uint8Array && digest instanceof Uint8Array && Buffer.compare(digestOf(sealed), digest) === 0;
    if (isWhole) return { seq: Number(seq), id: String(id), sealed };
    this.#deps.log.error("a stored item is damaged and is not delivered", { seq: Number(seq) });
    return void 0;
  }
  /** Names both ends under a secret, so that equal pairs are equal and nothing else can be learned from it. */
  #pairOf({ group, recipient, sender }) {
    const text = `${group} ${sender} ${recipient}`;
    return createHmac("sha256", this.#secret).update(utf8(text)).digest().subarray(0, DIGEST_BYTES);
  }
  #sum(where, ...parameters) {
    const row = this.#deps.db.get(`SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM item WHERE ${where}`, ...parameters);
    return { items: Number(row?.["items"]), bytes: Number(row?.["bytes"]) };
  }
  #remove(where, ...parameters) {
    const gone = this.#deps.db.all(`DELETE FROM item WHERE ${where} RETURNING room, bytes`, ...parameters);
    for (const { room, bytes } of gone) this.#add(String(room), -1, -Number(bytes));
    return gone.length;
  }
  #add(group, items, bytes) {
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + bytes);
    if (this.#groups.get(group) === 0) this.#groups.delete(group);
    this.#total = { items: this.#total.items + items, bytes: this.#total.bytes + bytes };
  }
  #recount() {
    this.#total = this.#sum("1 = 1");
    this.#groups.clear();
    for (const row of this.#deps.db.all("SELECT room, sum(bytes) AS bytes FROM item GROUP BY room")) {
      this.#groups.set(String(row["room"]), Number(row["bytes"]));
    }
    this.#isMiscounted = false;
  }
  /** A write that was rolled back has been counted all the same. */
  async #counted(work) {
    try {
      const result = await this.#deps.db.write(work);
      this.#isHealthy = true;
      return result;
    } catch (thrown) {
      this.#isHealthy = false;
      this.#isMiscounted = true;
      throw thrown;
    }
  }
};
function digestOf(sealed) {
  return sha256(sealed).subarray(0, DIGEST_BYTES);
}

// server/src/relay/server.ts
var SWEEP_MS = 1e3;
var EXPIRE_MS = 6e4;
var HEADER_BYTES = 8192;
var ignore = () => {
};
async function startRelay(options, deps) {
  const server = new RelayServer(options, deps);
  try {
    await server.start();
    return server;
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
}
var RelayServer = class {
  counters = new Metrics();
  #options;
  #deps;
  #scope;
  #guard;
  #admission;
  #router;
  #queue;
  #connection;
  #http;
  #ws;
  #proxies;
  /** By remote address and port, which an upgraded TLS socket shares with the TCP socket below it. */
  #arrivals = /* @__PURE__ */ new Map();
  #startedAt;
  #metricsPort;
  constructor(options, deps) {
    const { clock, log, db, random = systemRandom } = deps;
    const { limits } = options;
    this.#options = options;
    this.#deps = deps;
    this.#startedAt = clock.monotonic();
    this.#guard = new Guard(log);
    this.#scope = new Scope(clock, (thrown) => this.#guard.run("stop", () => Promise.reject(thrown)));
    this.#admission = new Admission(limits);
    this.#router = new LocalRouter({ clock, limits, book: new MemberBook(db, clock, limits) });
    this.#queue = new SqliteQueue({ db, clock, random, log, limits });
    this.#proxies = new Set(options.proxies.map(plainAddress));
    this.#connection = {
      clock,
      random,
      log,
      limits,
      tokens: new Tokens(options.tokens),
      router: this.#router,
      queue: this.#queue,
      metrics: this.counters,
      flusher: new Flusher(),
      relayId: relayIdOf(db, random)
    };
    this.#ws = new import_websocket_server.default({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: limits.messageBytes });
    this.#http = this.#createServer();
  }
  get port() {
    return portOf(this.#http);
  }
  get metricsPort() {
    return this.#metricsPort;
  }
  async start() {
    const { host, port, metrics } = this.#options;
    await listen(this.#http, host, port);
    this.#scope.defer(() => this.#close());
    if (metrics) await this.#serveMetrics(metrics);
    this.#scope.every(SWEEP_MS, () => this.#guard.run("sweep", () => this.#sweep()));
    this.#scope.every(EXPIRE_MS, () => this.#guard.run("expire", () => this.#expire()));
    await this.#expire();
  }
  stop() {
    return this.#scope.stop();
  }
  #createServer() {
    const { tls, limits } = this.#options;
    const common = { maxHeaderSize: HEADER_BYTES, headersTimeout: limits.authMs, requestTimeout: limits.authMs, keepAliveTimeout: 1e3 };
    const server = tls ? https.createServer({ ...common, cert: read(tls.certFile), key: read(tls.keyFile), handshakeTimeout: limits.authMs }) : http.createServer(common);
    server.maxConnections = limits.connections;
    server.on("connection", (socket) => this.#guard.run("connection", () => this.#onConnection(socket)));
    server.on("request", (request, response) => this.#guard.run("request", () => this.#onRequest(request, response)));
    server.on("upgrade", (request, socket, head) => this.#guard.run("upgrade", () => this.#onUpgrade(request, socket, head)));
    server.on("clientError", (_error, socket) => socket.destroy());
    return server;
  }
  /** Counts from the first packet on: who connects and says nothing holds a place too. */
  #onConnection(socket) {
    const remote = plainAddress(socket.remoteAddress ?? "unknown");
    const place = this.#admission.enter(this.#proxies.has(remote) ? void 0 : remote);
    if (place === void 0) {
      this.counters.count("refused_address");
      socket.destroy();
      return;
    }
    this.counters.count("accepted");
    const key = keyOf(socket);
    const timer = this.#deps.clock.after(
      this.#options.limits.authMs,
      () => this.#guard.run("deadline", () => this.#onDeadline(key, socket))
    );
    this.#arrivals.set(key, new Arrival(socket, remote, place, timer));
    socket.on("error", ignore);
    socket.on("close", () => this.#gone(key));
  }
  #gone(key) {
    this.#arrivals.get(key)?.free();
    this.#arrivals.delete(key);
  }
  #onDeadline(key, socket) {
    const connection = this.#arrivals.get(key)?.connection;
    if (connection?.isIn) return;
    if (connection) connection.close(RELAY_CLOSE.authTimeout, "no authentication in time");
    else socket.destroy();
  }
  #onRequest(request, response) {
    const isHealth = request.method === "GET" && request.url === "/health";
    if (!isHealth) this.counters.count("refused_http");
    const status = isHealth ? this.#queue.isHealthy ? 200 : 503 : 404;
    const body = isHealth ? JSON.stringify({ status: status === 200 ? "ok" : "storage" }) : "";
    response.writeHead(status, { connection: "close", "content-type": "application/json", "cache-control": "no-store" }).end(body);
  }
  #onUpgrade(request, socket, head) {
    if (socket !== request.socket) socket.on("error", ignore);
    const arrival = this.#arrivals.get(keyOf(request.socket));
    if (arrival === void 0 || request.headers.origin !== void 0 || !this.#isAdmitted(arrival, request)) {
      this.counters.count("refused_http");
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    const { length } = head;
    this.#ws.handleUpgrade(request, socket, head, (ws) => {
      arrival.connection = new RelayConnection(ws, socket, arrival, this.#connection);
      arrival.limitBytes(socket, length, this.#options.limits.bytesBefore);
    });
  }
  /** Behind a proxy the place is counted for the client that it speaks for. */
  #isAdmitted(arrival, request) {
    if (!this.#proxies.has(arrival.remote)) return true;
    const forwarded = request.headers["x-forwarded-for"];
    const place = this.#admission.enter(
      clientAddress(arrival.remote, Array.isArray(forwarded) ? forwarded.join() : forwarded, this.#proxies)
    );
    if (place === void 0) return false;
    arrival.moveTo(place);
    return true;
  }
  #sweep() {
    for (const { connection } of this.#arrivals.values()) connection?.beat();
  }
  async #expire() {
    this.counters.count("expired", await this.#queue.expire());
    await this.#router.expire();
  }
  async #serveMetrics({ host, port }) {
    const server = http.createServer((request, response) => {
      const isAsked = request.method === "GET" && request.url === "/metrics";
      response.writeHead(isAsked ? 200 : 404, { connection: "close", "content-type": "text/plain; version=0.0.4" });
      response.end(isAsked ? this.#metricsText() : "");
    });
    await listen(server, host, port);
    this.#metricsPort = portOf(server);
    this.#scope.defer(() => new Promise((done) => server.close(() => done())));
  }
  #metricsText() {
    const { items, bytes } = this.#queue.usage();
    return this.counters.text({
      connections: this.#arrivals.size,
      waiting: this.#admission.waiting,
      groups: this.#router.groups,
      queue_items: items,
      queue_bytes: bytes,
      resident_bytes: process.memoryUsage.rss(),
      uptime_seconds: Math.round((this.#deps.clock.monotonic() - this.#startedAt) / 1e3)
    });
  }
  async #close() {
    const closed = new Promise((done) => this.#http.close(() => done()));
    for (const { connection, socket } of this.#arrivals.values()) {
      if (connection) connection.close(RELAY_CLOSE.shutdown, "the relay is stopping");
      else socket.destroy();
    }
    this.#ws.close();
    await closed;
  }
};
function relayIdOf(db, random) {
  db.run("INSERT OR IGNORE INTO relay VALUES ('id', ?)", toHex(random(16)));
  return String(db.get("SELECT value FROM relay WHERE name = 'id'")?.["value"]);
}
function keyOf(socket) {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
function read(file) {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw new MeshError("settings-invalid", `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}
function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    const failed = (thrown) => reject(new MeshError("unreachable", `cannot listen on ${host} port ${port}: ${messageOf(thrown)}`, { cause: thrown }));
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
function portOf(server) {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

// server/src/app/relay-settings.ts
import { readFileSync as readFileSync2 } from "node:fs";
import path from "node:path";
var MIN_TOKEN_CHARACTERS = 16;
var DEFAULT_LISTEN = "127.0.0.1:7343";
var positive = number().positive().finite();
var limitNames = Object.keys(DEFAULT_RELAY_LIMITS);
var relayFile = strictObject({
  listen: string().optional(),
  state: string().optional(),
  tokens: array(string()).optional(),
  tokensFile: string().optional(),
  open: boolean().optional(),
  cert: string().optional(),
  key: string().optional(),
  metrics: string().optional(),
  proxies: array(string()).optional(),
  limits: strictObject(Object.fromEntries(limitNames.map((name) => [name, positive.optional()]))).optional()
});
function readRelaySettings(flags, env) {
  const faults = [];
  const fault = (text) => void faults.push(text);
  const variable = (name) => present(env[name]);
  const file = readFile(flags.config ?? variable("SYM_RELAY_CONFIG"), fault);
  const cert = flags.cert ?? variable("SYM_RELAY_CERT") ?? file.cert;
  const key = flags.key ?? variable("SYM_RELAY_KEY") ?? file.key;
  if (cert === void 0 !== (key === void 0)) fault("a certificate needs its key, and a key its certificate: give --cert and --key");
  const tokensFile = flags.tokensFile ?? variable("SYM_RELAY_TOKENS_FILE") ?? file.tokensFile;
  const tokens = readTokens(variable("SYM_RELAY_TOKENS"), tokensFile, file, fault);
  const isOpen = flags.open ?? (variable("SYM_RELAY_OPEN") === void 0 ? file.open === true : true);
  const at = parseListen(flags.listen ?? variable("SYM_RELAY_LISTEN") ?? file.listen ?? DEFAULT_LISTEN, "the address to listen on", fault);
  if (tokens.length === 0 && !isOpen && !isLoopbackHost(at.host)) fault(noToken(at.host));
  const settings = {
    ...at,
    tokens,
    tls: cert !== void 0 && key !== void 0 ? { certFile: cert, keyFile: key } : void 0,
    metrics: readMetrics(flags.metrics ?? variable("SYM_RELAY_METRICS") ?? file.metrics, fault),
    proxies: flags.trustProxy ?? listOf(variable("SYM_RELAY_PROXIES")) ?? file.proxies ?? [],
    limits: readLimits(file, [...listOf(variable("SYM_RELAY_LIMITS")) ?? [], ...flags.limit ?? []], fault),
    state: path.resolve(flags.state ?? variable("SYM_RELAY_STATE") ?? file.state ?? path.join(rootFolder(env).value, "relay"))
  };
  if (faults.length > 0)
    throw new MeshError("settings-invalid", `The relay cannot start with these settings:
${faults.map((line) => `  ${line}`).join("\n")}`);
  return settings;
}
function present(text) {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? void 0 : trimmed;
}
function listOf(text) {
  return text?.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
function readFile(file, fault) {
  if (file === void 0) return {};
  try {
    const parsed = relayFile.safeParse(JSON.parse(readFileSync2(file, "utf8")));
    if (parsed.success) return parsed.data;
    fault(`${file}: ${parsed.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`).join("; ")}`);
  } catch (thrown) {
    fault(`${file} cannot be read: ${messageOf(thrown)}`);
  }
  return {};
}
function readTokens(given, tokensFile, file, fault) {
  const tokens = [...listOf(given) ?? [], ...tokensFile === void 0 ? [] : tokensIn(tokensFile, fault), ...file.tokens ?? []];
  const short = tokens.filter((token) => token.length < MIN_TOKEN_CHARACTERS).length;
  if (short > 0) fault(`${short} of the tokens is shorter than ${MIN_TOKEN_CHARACTERS} characters; make one with: openssl rand -hex 24`);
  return [...new Set(tokens)];
}
function tokensIn(file, fault) {
  try {
    const lines = readFileSync2(file, "utf8").split("\n").map((line) => line.trim());
    const tokens = lines.filter((line) => line !== "" && !line.startsWith("#"));
    if (tokens.length === 0) fault(`${file} holds no token; write one per line`);
    return tokens;
  } catch (thrown) {
    fault(`${file} cannot be read: ${messageOf(thrown)}`);
    return [];
  }
}
function noToken(host) {
  return `${host} can be reached by others, and there is no token: anybody could use this relay. Name a file with one token per line (--tokens-file), or say --open if that is what you want`;
}
function parseListen(text, what, fault) {
  const match = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    fault(`${what}: ${JSON.stringify(text.slice(0, 80))} is no address. It looks like 0.0.0.0:7343 or [::]:7343`);
    return { host: "127.0.0.1", port: 0 };
  }
  return { host: match[1] ?? match[2] ?? "", port };
}
function readMetrics(text, fault) {
  if (text === void 0) return void 0;
  const at = parseListen(text, "the address of the metrics", fault);
  if (!isLoopbackHost(at.host)) fault(`the metrics are served on a loopback address alone; ${at.host} is none. Use 127.0.0.1:7344`);
  return at;
}
function isLoopbackHost(host) {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
function readLimits(file, given, fault) {
  const limits = {};
  for (const [name, value] of Object.entries(file.limits ?? {})) if (value !== void 0) limits[name] = value;
  for (const text of given) {
    const [name = "", value] = text.split("=");
    const number2 = positive.safeParse(Number(value));
    if (limitNames.includes(name) && number2.success) limits[name] = number2.data;
    else fault(`${JSON.stringify(text.slice(0, 80))} is no limit. It looks like perGroup=512; the names are in docs/LIMITS.md under relay`);
  }
  return { ...DEFAULT_RELAY_LIMITS, ...limits };
}

// server/src/app/relay.ts
async function runRelay(flags, { env, out, err, signal }) {
  const settings = readRelaySettings(flags, env);
  const isDebug = (env["SYM_DEBUG"] ?? "") !== "";
  const log = createLog(err, isDebug ? "debug" : "warn", systemClock);
  const db = await openDatabase(path2.join(settings.state, "relay.db"), RELAY_MIGRATIONS);
  try {
    const relay = await startRelay(settings, { clock: systemClock, log, db });
    const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
    const url = `${settings.tls ? "wss" : "ws"}://${host}:${relay.port}`;
    const metrics = settings.metrics && `http://${settings.metrics.host}:${relay.metricsPort}/metrics`;
    const groups = settings.tokens.length;
    if (flags.json) out(JSON.stringify({ url, port: relay.port, metrics, tokens: groups, state: settings.state }));
    else
      out(
        `relay on ${url}, ${groups === 0 ? "open to whoever reaches it" : `${groups} token${groups === 1 ? "" : "s"}`}, state in ${settings.state}`
      );
    await ended(signal);
    await relay.stop();
  } finally {
    db.close();
  }
}
function ended(signal) {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
export {
  runRelay
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
