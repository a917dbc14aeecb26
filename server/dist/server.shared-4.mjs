import {
  roughly,
  systemRandom
} from "./server.shared-5.mjs";
import {
  MeshError,
  NEVER,
  assertNever,
  string,
  systemCode
} from "./server.shared-2.mjs";

// server/src/base/limits.ts
var LIMITS = {
  /** The last links are kept for sessions of this machine. */
  accept: { halfOpenPerAddress: 4, halfOpen: 64, links: 128, lanLinks: 96 },
  handshake: {
    timeoutMs: 5e3,
    bytesBefore: 16384,
    frameBytes: 8192,
    perAddressPerMinute: 10,
    perAddressBurst: 20,
    perSecond: 50
  },
  frame: { maxBytes: 1048576 },
  json: { depth: 32, keys: 4096, stringBytes: 65536, payloadStringBytes: 524288, badFrames: 20, badFramesWindowMs: 1e4 },
  unknownFrames: { perMinute: 200 },
  link: {
    framesPerSecond: 50,
    framesBurst: 200,
    bytesPerSecond: 1048576,
    bytesBurst: 4194304,
    pingAfterMs: 5e3,
    closeAfterMs: 15e3,
    relayPace: 6,
    rekeyFrames: 1048576,
    rekeyBytes: 1073741824,
    rekeyMs: 864e5,
    dialTimeoutMs: 1e4,
    outboundBytes: 4194304
  },
  /** Toward stock nodes, whose own figures these are where both sides feel them. */
  stock: {
    links: 32,
    pinned: 256,
    floorNodes: 4096,
    pingAfterMs: 1e4,
    closeAfterMs: 12e4,
    answerMs: 1e4,
    probeMs: 2e3,
    anchors: 5,
    anchorsAmong: 50,
    anchorsAgainMs: 6e4,
    relayWaitMs: 2e3
  },
  name: { maxBytes: 64 },
  cmb: {
    perMinute: 120,
    burst: 200,
    perDay: 5e3,
    fieldBytes: 8192,
    totalBytes: 32768,
    payloadBytes: 262144,
    parents: 32,
    futureMs: 3e5,
    pastMs: 2592e6
  },
  body: { maxBytes: 16384 },
  /** A small text file beside a message. */
  attachment: { maxBytes: 32768, nameCharacters: 80 },
  receipt: { items: 32 },
  envelope: { hops: 64, chain: 16, waits: 32, mentions: 32 },
  mdns: { candidates: 200, txtBytes: 400, dialsPerMinute: 10, dialAgainMs: 3e4, requeryMs: 15e3 },
  machine: { entries: 64, scanMs: 5e3 },
  /** Contact requests are what strangers said: so many of them, so much of each, so long. */
  requests: { keys: 64, messagesPerKey: 20, keptMs: 6048e5 },
  trust: { allowedPeers: 64 },
  privateGroup: {
    labelCharacters: 40,
    members: 256,
    openInvites: 20,
    inviteMs: 864e5,
    certificateMs: 7776e6,
    nodeCertificateMs: 864e5,
    skewMs: 6e5,
    revoked: 1024,
    epochsKept: 8,
    proofMs: 5e3
  },
  openGroup: { pinnedKeys: 64, newPerHour: 20, idleDays: 30 },
  local: { requestBytes: 65536, requestsPerSecond: 100 },
  tool: { textBytes: 16384, targetCharacters: 64, sendsPerMinute: 30, resultCharacters: 2e4 },
  context: {
    itemCharacters: 1200,
    headlineCharacters: 200,
    hookCharacters: 9e3,
    perPeer: { itemsPerMinute: 6, itemsBurst: 40, tokensPerMinute: 2e3, tokensBurst: 6e3, tokensPerDay: 6e4 },
    overall: { itemsPerMinute: 20, itemsBurst: 60, tokensPerMinute: 8e3, tokensBurst: 12e3 },
    unverifiedShare: 0.5
  },
  wake: { perMinute: 10, perHour: 100, perDay: 1e3 },
  loop: {
    holdHops: 4,
    threadSends: 6,
    threadWindowMs: 6e5,
    sendsPerHour: 30,
    sendsPerTurn: 200,
    sameWindow: 20,
    sameShare: 0.8,
    pairOpenMs: 6e5
  },
  /** Of a group's past, told to a member that asks: `openMs` is how far back in an open group. */
  history: { items: 50, bytes: 524288, openMs: 864e5, asksBurst: 3, asksPerHour: 12 },
  question: { waitMs: 5e4, openMs: 864e5, openPerPeer: 16, answers: 64, remindMs: 6e5 },
  inbox: { rows: 1e4, bytes: 67108864, peerShare: 0.2, readKeptMs: 2592e6 },
  outbox: { directedTtlMs: 6048e5, broadcastTtlMs: 864e5, rows: 1e4 },
  memory: { rows: 5e4, bytes: 536870912, peerShare: 0.2, ranked: 2e4 },
  /** Of a relay; a person who runs one can change each of them. */
  relay: {
    connections: 1e4,
    perGroup: 256,
    guestsPerGroup: 16,
    unauthenticated: 1024,
    unauthenticatedPerAddress: 8,
    authMs: 5e3,
    bytesBefore: 16384,
    messageBytes: 1052672,
    messagesPerSecond: 100,
    messagesBurst: 400,
    bytesPerSecond: 2097152,
    bytesBurst: 8388608,
    outboundBytes: 4194304,
    stuckMs: 1e4,
    pingMs: 1e4,
    missedPongs: 2,
    knownPerGroup: 1024,
    knownDays: 30,
    itemBytes: 262144,
    queueItems: 1e3,
    queueBytes: 8388608,
    pairItems: 200,
    groupBytes: 268435456,
    storeBytes: 4294967296,
    ttlMs: 6048e5,
    mailWindow: 32
  },
  /** Named by one member of a relay: all groups of a node, and those that it has an invite to. */
  relayRooms: 64,
  /** Of a node at a relay. */
  relayClient: {
    answerMs: 1e4,
    joinMs: 6e3,
    pongMs: 2e4,
    silenceMs: 6e4,
    retryMs: 1e3,
    retryMaxMs: 3e4,
    steadyMs: 3e4,
    breakAfter: 6,
    brokenMs: 3e5,
    supersededMs: 6e4,
    heldBytes: 1048576,
    putMs: 3e4
  },
  /** What broadcasts are compared with, and how many words of its own a session needs before it compares at all. */
  anchors: { own: 8, others: 4, perPeer: 2, grounds: 3 },
  log: { lineCharacters: 512, perSecond: 20, keptLines: 500 },
  /** Each of the files; the oldest goes. */
  audit: { fileBytes: 5242880, files: 5, perSecond: 20 },
  /** A service label has at most 63 bytes, one of them the underscore. */
  group: { nameCharacters: 62, joined: 16, listed: 64 },
  invite: { linkCharacters: 2048, relayCharacters: 512, tokenCharacters: 512, handleMs: 6e5, handles: 32 },
  /** What a node says of itself is leased: renewed at half-life, and forgotten when it is not. */
  presence: {
    leaseMs: 9e4,
    renewMs: 45e3,
    statusMs: 6e5,
    summaryCharacters: 1024,
    tags: 8,
    files: 32,
    fileMs: 18e5,
    hintAgainMs: 36e5,
    hintsPerHour: 12
  },
  firstVerdictMs: 1e3
};

// server/src/base/scope.ts
var Scope = class {
  #clock;
  #abort = new AbortController();
  #onError;
  #closers = [];
  #stopping;
  constructor(clock, onError = () => {
  }) {
    this.#clock = clock;
    this.#onError = onError;
  }
  get signal() {
    return this.#abort.signal;
  }
  get isStopped() {
    return this.#abort.signal.aborted;
  }
  /** Runs `closer` at stop; at once when the scope has stopped already. Returns a function that forgets it. */
  defer(closer) {
    if (this.isStopped) {
      void this.#run(closer);
      return () => {
      };
    }
    this.#closers.push(closer);
    return () => {
      this.#closers = this.#closers.filter((other) => other !== closer);
    };
  }
  /** Calls `fn` once after `delayMs` unless the scope stops first. Returns a function that cancels it. */
  after(delayMs, fn) {
    if (this.isStopped) return () => {
    };
    const timer = this.#clock.after(delayMs, () => {
      forget();
      fn();
    });
    const forget = this.defer(() => timer.cancel());
    return () => {
      forget();
      timer.cancel();
    };
  }
  /** Calls `fn` about every `periodMs`, together with what else is due then, until the scope stops or the returned function is called. */
  every(periodMs, fn) {
    let cancel = this.after(roughly(this.#clock, periodMs), tick);
    let isCancelled = false;
    const self = this;
    function tick() {
      if (isCancelled) return;
      cancel = self.after(roughly(self.#clock, periodMs), tick);
      fn();
    }
    return () => {
      isCancelled = true;
      cancel();
    };
  }
  stop() {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }
  async #stop() {
    this.#abort.abort();
    const closers = this.#closers.reverse();
    this.#closers = [];
    for (const closer of closers) await this.#run(closer);
  }
  async #run(closer) {
    try {
      await closer();
    } catch (thrown) {
      this.#onError(thrown);
    }
  }
};

// server/src/base/bytes.ts
import crypto from "node:crypto";
var encoder = new TextEncoder();
var strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function utf8(text) {
  return encoder.encode(text);
}
function fromUtf8(bytes) {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return void 0;
  }
}
function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
function tagged(tag, ...parts) {
  let text = tag;
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`;
  return utf8(text);
}
function sha256(...parts) {
  const [only = new Uint8Array()] = parts;
  return hashOnce(parts.length < 2 ? only : concat(...parts));
}
var hashOnce = typeof crypto.hash === "function" ? (bytes) => crypto.hash("sha256", bytes, "buffer") : (bytes) => crypto.createHash("sha256").update(bytes).digest();
function toHex(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
function fromHex(text) {
  return /^(?:[0-9a-f]{2})*$/.test(text) ? Buffer.from(text, "hex") : void 0;
}
function toBase64Url(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}
function fromBase64Url(text, length) {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) return void 0;
  return length === void 0 || bytes.length === length ? bytes : void 0;
}
function compareBytewise(a, b) {
  return Buffer.compare(utf8(a), utf8(b));
}

// server/src/base/text.ts
var ESCAPE_SEQUENCE = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\a-~]/g;
var FORBIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Noncharacter_Code_Point}\p{Co}]/gu;
var LONE_SURROGATE = new RegExp("\\p{Surrogate}", "gu");
var OTHER_LINE_BREAK = /[\u2028\u2029]/g;
var EXCESS_MARKS = new RegExp("(?<=\\p{M}{3})\\p{M}+", "gu");
var ANGLE_BRACKETS = /[<>]/g;
var PLAIN = /^[\t\n\x20-\x7e]*$/;
function sanitise(text) {
  if (PLAIN.test(text)) return { text, stripped: 0 };
  let stripped = 0;
  const swap = (from, pattern, to) => from.replace(pattern, (found) => {
    stripped += [...found].length;
    return to;
  });
  const wellFormed = swap(swap(text, LONE_SURROGATE, "\uFFFD"), OTHER_LINE_BREAK, "\n");
  const visible = [ESCAPE_SEQUENCE, FORBIDDEN, EXCESS_MARKS].reduce((rest, pattern) => swap(rest, pattern, ""), wellFormed);
  return { text: swap(visible.normalize("NFC"), EXCESS_MARKS, "").normalize("NFC"), stripped };
}
function oneLine(text, maxCharacters) {
  return cut(sanitise(text).text.replace(/\s+/g, " ").trim(), maxCharacters);
}
function cut(text, maxCharacters) {
  if (text.length <= maxCharacters) return text;
  if (maxCharacters < 1) return "";
  return `${prefix(text, maxCharacters - 1)}\u2026`;
}
function prefix(text, maxCharacters) {
  const end = Math.max(0, maxCharacters);
  const splitsPair = isHighSurrogate(text, end - 1) && end < text.length;
  return text.slice(0, splitsPair ? end - 1 : end);
}
function preview(text) {
  return text.replace(ANGLE_BRACKETS, (bracket) => bracket === "<" ? "\u2039" : "\u203A");
}
function escapeForJsonString(text) {
  return [ANGLE_BRACKETS, FORBIDDEN, OTHER_LINE_BREAK, EXCESS_MARKS].reduce(
    (rest, pattern) => rest.replace(pattern, unicodeEscapes),
    JSON.stringify(text)
  );
}
function unicodeEscapes(text) {
  const unit = (at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`;
  return Array.from({ length: text.length }, (_, at) => unit(at)).join("");
}
function isHighSurrogate(text, at) {
  const unit = text.charCodeAt(at);
  return unit >= 55296 && unit <= 56319;
}

// server/src/transport/relay-health.ts
function isLasting(cause) {
  return ["token", "refused-auth", "id-taken", "duplicate", "replaced", "private"].includes(cause);
}
function retryDelayMs(cause, failures, random) {
  const { retryMs, retryMaxMs, breakAfter, brokenMs, supersededMs } = LIMITS.relayClient;
  const doubled = Math.min(retryMaxMs, retryMs * 2 ** Math.min(20, failures - 1));
  const least = cause === "superseded" ? supersededMs : failures > breakAfter && isFlap(cause) ? brokenMs : doubled;
  return least * (1 + (random(1)[0] ?? 0) / 255 * 0.1);
}
function isFlap(cause) {
  return cause === "ended" || cause === "busy" || cause === "timeout";
}
function problemOf({ host, state, cause, said }) {
  if (state === "in" || cause === void 0) return void 0;
  const words = said === "" ? "" : ` (${JSON.stringify(oneLine(said, 80))})`;
  const next = state === "stopped" ? '"sym-mesh-channel reconnect" tries it again' : "It is tried again by itself";
  return `Relay ${host}: ${sentenceOf(cause)}${words}. ${next}.`;
}
function sentenceOf(cause) {
  switch (cause) {
    case "dns":
      return "its name cannot be resolved; check SYM_RELAY_URL and the network";
    case "refused":
      return "nothing listens there; check the port, or start the relay";
    case "tls":
      return "its TLS certificate is not accepted; it must be valid for this host name";
    case "private":
      return "its name leads to a private address, which only a person may configure; set SYM_RELAY_URL if you mean it";
    case "http":
      return "what answers there is no relay, or a proxy in between refuses the connection";
    case "blocked":
      return "it cannot be reached; a firewall, a proxy or the network is in the way";
    case "timeout":
      return "it does not answer";
    case "token":
      return "it refuses the token; check SYM_RELAY_TOKEN";
    case "refused-auth":
      return "it does not accept how this node authenticates";
    case "id-taken":
      return "another key owns the id of this node there; ask who runs it";
    case "duplicate":
    case "replaced":
      return "another connection holds the id of this node";
    case "superseded":
      return "the key of this node is connected from elsewhere; one of the two should end";
    case "busy":
      return "it is over a limit";
    case "ended":
      return "the connection ended";
    default:
      return assertNever(cause);
  }
}

// server/src/mmp/json.ts
function decodeJson(bytes) {
  const decoded = decodeObject(bytes);
  if (decoded.kind === "rejected") return decoded;
  const { value } = decoded;
  return isTyped(value) ? { kind: "ok", value } : { kind: "rejected", rule: "no-type" };
}
function decodeObject(bytes) {
  const scan = new Scan(bytes);
  const rule = scan.run();
  if (rule !== void 0) return { kind: "rejected", rule };
  const text = fromUtf8(bytes);
  if (text === void 0) return { kind: "rejected", rule: "bad-utf8" };
  return parse(text, scan.isSuspect);
}
function encodeJson(value) {
  return utf8(JSON.stringify(value));
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function parse(text, isSuspect) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "rejected", rule: "bad-json" };
  }
  if (isSuspect && !clean(value)) return { kind: "rejected", rule: "lone-surrogate" };
  return isObject(value) ? { kind: "ok", value } : { kind: "rejected", rule: "not-an-object" };
}
function isTyped(value) {
  return typeof value["type"] === "string";
}
var FORBIDDEN_KEYS = /* @__PURE__ */ new Set(["__proto__", "constructor", "prototype"]);
var LONE_SURROGATE2 = new RegExp("\\p{Surrogate}", "u");
function clean(value) {
  if (typeof value === "string") return !LONE_SURROGATE2.test(value);
  if (Array.isArray(value)) return value.every(clean);
  if (!isObject(value)) return true;
  for (const name of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(name)) Reflect.deleteProperty(value, name);
    else if (LONE_SURROGATE2.test(name) || !clean(value[name])) return false;
  }
  return true;
}
var QUOTE = 34;
var COMMA = 44;
var COLON = 58;
var OPEN_ARRAY = 91;
var BACKSLASH = 92;
var CLOSE_ARRAY = 93;
var OPEN_OBJECT = 123;
var CLOSE_OBJECT = 125;
var LONG_MEMBERS = /* @__PURE__ */ new Map([
  ["payload", LIMITS.json.payloadStringBytes],
  ["applicationData", LIMITS.json.payloadStringBytes],
  ["categories", LIMITS.json.payloadStringBytes],
  ["sealed", LIMITS.frame.maxBytes]
]);
var NOTED_LENGTHS = new Set([...LONG_MEMBERS.keys(), ...FORBIDDEN_KEYS].map(({ length }) => length));
var NEAR_BYTES = 24;
var Scan = class {
  #bytes;
  #depth = 0;
  /** Members and containers: a million empty arrays are as heavy as a million members. */
  #members = 0;
  /** The last string: from where and to where. */
  #from = 0;
  #end = 0;
  #isSuspect = false;
  /** The member whose value comes next, or '' inside an array and before a key. */
  #member = "";
  /** The depth at which `payload` opened: everything inside shares its larger limit. 0 when outside. */
  #payloadDepth = 0;
  /** The last `payload` of the outermost object: from where and to where. */
  #payloadFrom = 0;
  #payloadEnd = 0;
  constructor(bytes) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  /** Only then there can be a forbidden key or a lone surrogate: both can also be spelled with \u. */
  get isSuspect() {
    return this.#isSuspect;
  }
  get payload() {
    return this.#payloadEnd > 0 ? this.#bytes.subarray(this.#payloadFrom, this.#payloadEnd) : void 0;
  }
  run() {
    const bytes = this.#bytes;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        const end = this.#endOfString(at + 1);
        if (end - at - 1 > this.#stringLimit()) return "string-too-long";
        this.#from = at + 1;
        this.#end = end;
        at = end;
      } else {
        const rule = this.#structure(byte, at);
        if (rule !== void 0) return rule;
      }
    }
    return void 0;
  }
  #structure(byte, at) {
    switch (byte) {
      case COLON:
        this.#member = this.#nameOfMember();
        return this.#count();
      case COMMA:
        this.#member = "";
        return void 0;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        return this.#open(at);
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        return this.#close(at);
      default:
        return void 0;
    }
  }
  #open(at) {
    this.#depth++;
    if (this.#depth === 2 && this.#member === "payload") {
      this.#payloadFrom = at;
      this.#payloadEnd = 0;
    }
    if (this.#depth > LIMITS.json.depth) return "too-deep";
    if (this.#member === "payload" && this.#payloadDepth === 0) this.#payloadDepth = this.#depth;
    this.#member = "";
    return this.#count();
  }
  #close(at) {
    if (this.#depth === 2 && this.#payloadFrom > 0 && this.#payloadEnd === 0) this.#payloadEnd = at + 1;
    if (this.#depth === this.#payloadDepth) this.#payloadDepth = 0;
    this.#depth--;
    this.#member = "";
  }
  #count() {
    this.#members++;
    return this.#members > LIMITS.json.keys ? "too-many-keys" : void 0;
  }
  #endOfString(from) {
    const bytes = this.#bytes;
    const near = Math.min(from + NEAR_BYTES, bytes.length);
    let at = from;
    while (at < near && bytes[at] !== QUOTE && bytes[at] !== BACKSLASH) at++;
    return at < near && bytes[at] === QUOTE ? at : this.#endOfLongString(at);
  }
  /** Without an escape the next quote is the end, and a search finds it faster than a look at each byte. */
  #endOfLongString(from) {
    const bytes = this.#bytes;
    const quote = bytes.indexOf(QUOTE, from);
    const end = quote < 0 ? bytes.length : quote;
    return bytes.subarray(from, end).includes(BACKSLASH) ? this.#endOfEscapedString(from) : end;
  }
  #endOfEscapedString(from) {
    const bytes = this.#bytes;
    this.#isSuspect = true;
    let at = from;
    while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    return Math.min(at, bytes.length);
  }
  #stringLimit() {
    const own = LONG_MEMBERS.get(this.#member) ?? LIMITS.json.stringBytes;
    return this.#payloadDepth > 0 ? Math.max(own, LIMITS.json.payloadStringBytes) : own;
  }
  /** The name before a colon, where it is one that matters; '' for all others. */
  #nameOfMember() {
    const name = NOTED_LENGTHS.has(this.#end - this.#from) ? this.#bytes.toString("latin1", this.#from, this.#end) : "";
    if (FORBIDDEN_KEYS.has(name)) this.#isSuspect = true;
    return name;
  }
};

// server/src/identity/ids.ts
var UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
function parseNodeId(text) {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : void 0;
}
function newNodeId(clock, random) {
  const time = clock.now().toString(16).padStart(12, "0");
  const bytes = random(10);
  bytes[0] = (bytes[0] ?? 0) & 15 | 112;
  bytes[2] = (bytes[2] ?? 0) & 63 | 128;
  const rest = toHex(bytes);
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}
function fingerprintOf(publicKey) {
  return toHex(sha256(utf8("mesh-id-v1"), publicKey));
}
function parseFingerprint(text) {
  return /^[0-9a-f]{64}$/.test(text) ? text : void 0;
}
function shortFingerprint(fingerprint) {
  return (fingerprint.slice(0, 16).match(/.{4}/g) ?? []).join(" ");
}
function parseFingerprintPrefix(text) {
  const digits = text.replace(/[ :-]/g, "").toLowerCase();
  return /^[0-9a-f]{8,64}$/.test(digits) ? digits : void 0;
}

// server/src/mmp/relay-url.ts
import { BlockList, isIP } from "node:net";
function parseRelayUrl(text, known = [], isTyped2 = false) {
  const url = read(text);
  if (url === void 0) return { kind: "refused", rule: "relay-malformed" };
  const host = hostOf(url);
  const isSecure = url.protocol === "wss:" || url.protocol === "ws:" && isLoopbackHost(host);
  if (!isSecure) return { kind: "refused", rule: "relay-scheme" };
  const isKnown = known.some((one) => read(one)?.href === url.href) || isTyped2 && url.protocol === "ws:";
  if (!isKnown && !isPublicHost(host)) return { kind: "refused", rule: "relay-private" };
  return { kind: "ok", url: url.href };
}
function relayHostOf(url) {
  return new URL(url).host;
}
function isPublicAddress(address) {
  switch (isIP(address)) {
    case 4:
      return !RESERVED_4.check(address, "ipv4");
    case 6:
      return PUBLIC_6.check(address, "ipv6") && !RESERVED_6.check(address, "ipv6");
    default:
      return false;
  }
}
function read(text) {
  if (text.length > LIMITS.invite.relayCharacters || !/^wss?:\/\/[\x21-\x7e]+$/i.test(text)) return void 0;
  try {
    const url = new URL(text);
    const isPlain = url.username === "" && url.password === "" && url.hash === "" && url.search === "";
    return isPlain && !/[?#@\\]/.test(text) && url.hostname !== "" ? url : void 0;
  } catch {
    return void 0;
  }
}
function hostOf(url) {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}
function isPublicHost(host) {
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes(".") && !/\.(?:localhost|local|internal|lan|home|intranet|corp|arpa)$/.test(host);
}
function isLoopbackHost(host) {
  return host === "localhost" || LOOPBACK.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}
function blocks(list) {
  const found = new BlockList();
  for (const entry of list) {
    const [address = "", bits] = entry.split("/");
    found.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return found;
}
var LOOPBACK = blocks(["127.0.0.0/8", "::1/128"]);
var RESERVED_4 = blocks([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3"
]);
var PUBLIC_6 = blocks(["2000::/3"]);
var RESERVED_6 = blocks(["2001::/23", "2001:db8::/32", "2002::/16"]);

// server/src/identity/keys.ts
import { createPrivateKey, createPublicKey, diffieHellman, sign, verify } from "node:crypto";
var KEY_BYTES = 32;
var SIGNATURE_BYTES = 64;
var CACHED_KEYS = 256;
var PKCS8_PREFIX = {
  Ed25519: derPrefix("302e020100300506032b657004220420"),
  X25519: derPrefix("302e020100300506032b656e04220420")
};
var P = 2n ** 255n - 19n;
var L = 2n ** 252n + 27742317777372353535851937790883648493n;
var D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
var SMALL_ORDER_ED25519 = /* @__PURE__ */ new Set([
  0n,
  1n,
  P - 1n,
  fromLittleEndianHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  fromLittleEndianHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
  P,
  P + 1n
]);
var LOW_ORDER_X25519 = /* @__PURE__ */ new Set([
  0n,
  1n,
  P - 1n,
  fromLittleEndianHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
  fromLittleEndianHex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
  P,
  P + 1n
]);
function isAcceptableEd25519(raw) {
  return verifyingKeyOf(raw) !== void 0;
}
function isAcceptableX25519(raw) {
  if (raw.length !== KEY_BYTES) return false;
  const u = littleEndian(raw);
  return u < P && !LOW_ORDER_X25519.has(u);
}
function verifySignature(publicKey, message, signature) {
  if (signature.length !== SIGNATURE_BYTES) return false;
  if (littleEndian(signature.subarray(KEY_BYTES)) >= L) return false;
  const key = verifyingKeyOf(publicKey);
  return key !== void 0 && verify(null, message, key, signature);
}
function signerFromSeed(seed) {
  const key = privateKeyOf("Ed25519", seed);
  return { publicKey: rawPublicKey(key), sign: (message) => sign(null, message, key) };
}
function newX25519(random = systemRandom) {
  const privateKey = privateKeyOf("X25519", random(KEY_BYTES));
  return {
    publicKey: rawPublicKey(privateKey),
    deriveSecret: (peer) => isAcceptableX25519(peer) ? agree(privateKey, peer) : void 0
  };
}
function x25519FromSeed(seed) {
  return newX25519(() => seed);
}
function agree(privateKey, peer) {
  const publicKey = publicKeyOf("X25519", peer);
  try {
    const secret = diffieHellman({ privateKey, publicKey });
    return secret.some((byte) => byte !== 0) ? secret : void 0;
  } catch {
    return void 0;
  }
}
var verifyingKeys = /* @__PURE__ */ new Map();
function verifyingKeyOf(publicKey) {
  const id = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString("latin1");
  const known = verifyingKeys.get(id);
  if (known === void 0 && !isGoodPoint(publicKey)) return void 0;
  const key = known ?? publicKeyOf("Ed25519", publicKey);
  verifyingKeys.delete(id);
  verifyingKeys.set(id, key);
  if (verifyingKeys.size > CACHED_KEYS) dropOldest(verifyingKeys);
  return key;
}
function dropOldest(map) {
  const { value } = map.keys().next();
  if (value !== void 0) map.delete(value);
}
function privateKeyOf(curve, seed) {
  if (seed.length !== KEY_BYTES) throw new MeshError("key-invalid", `a private key has ${KEY_BYTES} bytes, this one ${seed.length}`);
  return createPrivateKey({ key: Buffer.from(concat(PKCS8_PREFIX[curve], seed)), format: "der", type: "pkcs8" });
}
function publicKeyOf(curve, raw) {
  return createPublicKey({ key: { kty: "OKP", crv: curve, x: toBase64Url(raw) }, format: "jwk" });
}
function rawPublicKey(privateKey) {
  const raw = fromBase64Url(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", KEY_BYTES);
  if (raw === void 0) throw new MeshError("internal", "the library gave no public key");
  return new Uint8Array(raw);
}
function derPrefix(hex) {
  return fromHex(hex) ?? new Uint8Array();
}
function littleEndian(bytes) {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
function fromLittleEndianHex(hex) {
  return littleEndian(fromHex(hex) ?? new Uint8Array());
}
function isGoodPoint(raw) {
  if (raw.length !== KEY_BYTES) return false;
  const y = withoutTopBit(raw);
  return !SMALL_ORDER_ED25519.has(y) && y < P && isOnCurve(y);
}
function withoutTopBit(raw) {
  return littleEndian(raw) & (1n << 255n) - 1n;
}
function isOnCurve(y) {
  const yy = y * y % P;
  const numerator = yy - 1n;
  const denominator = (D * yy + 1n) % P;
  return power(numerator * denominator % P, (P - 1n) / 2n) === 1n;
}
function power(base, exponent) {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = square * square % P) {
    if (rest & 1n) result = result * square % P;
  }
  return result;
}

// server/src/mmp/relay-proof.ts
function relayGroupOf(token) {
  return toHex(sha256(concat(utf8("mesh-relay-group-v1\n"), utf8(token))));
}
function relayProofPayload({ relayId, nonce, group, nodeId }) {
  return tagged("mesh-relay-proof-v1\n", relayId, toBase64Url(nonce), group, nodeId);
}

// server/src/mmp/name.ts
var ALLOWED = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u;
function parseWireName(text) {
  if (text.length > LIMITS.name.maxBytes || !ALLOWED.test(text)) return void 0;
  const name = text.normalize("NFC");
  return utf8(name).length <= LIMITS.name.maxBytes ? name : void 0;
}

// server/src/transport/relay-url.ts
import dns from "node:dns";
import { isIP as isIP2 } from "node:net";
var MAX_CHARACTERS = 2048;
function parseRelayUrl2(text) {
  const refused = (why) => ({ kind: "refused", why });
  if (text.length > MAX_CHARACTERS || !URL.canParse(text)) return refused("it is no URL; it looks like wss://relay.example");
  const url = new URL(text);
  if (url.protocol !== "wss:" && url.protocol !== "ws:") return refused("it does not begin with wss://");
  if (url.username !== "" || url.password !== "" || url.hash !== "")
    return refused("it holds a user, a password or a fragment; give the token apart");
  if (url.protocol === "ws:" && !isLoopbackName(hostOf2(url))) return refused(`ws:// is for this machine alone; use wss://${url.host}`);
  return { kind: "ok", url: { href: url.href, host: url.host } };
}
function isPrivateLiteral({ href }) {
  const host = hostOf2(new URL(href));
  return isLoopbackName(host) || isIP2(host) !== 0 && !isPublicAddress(host);
}
function isLoopbackUrl({ href }) {
  const url = new URL(href);
  return url.protocol === "ws:" && isLoopbackName(hostOf2(url));
}
function hostOf2({ hostname }) {
  return hostname.replace(/^\[|\]$/g, "");
}
function isLoopbackName(host) {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
var publicLookup = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const allowed = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = allowed;
    if (first === void 0) return callback(Object.assign(new Error("the name leads to no public address"), { code: "EPRIVATE" }), "", 0);
    if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};
function dialCauseOf(thrown) {
  const code = systemCode(thrown) ?? "";
  if (code === "EPRIVATE") return "private";
  if (["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "EAI_NONAME"].includes(code)) return "dns";
  if (code === "ECONNREFUSED") return "refused";
  if (/^(?:ERR_(?:TLS|SSL|OSSL)|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_|EPROTO)/.test(code)) return "tls";
  if (thrown instanceof Error && /Unexpected server response/.test(thrown.message)) return "http";
  return "blocked";
}

// server/src/mmp/relay-room.ts
var ROOM_BYTES = 16;
var COMMON_ROOM = "common";
function relayRoomOf(room) {
  return toBase64Url(sha256(tagged("mesh-relay-room-v1\n", room)).subarray(0, ROOM_BYTES));
}
function parseRelayRoom(text) {
  return text === COMMON_ROOM || /^[A-Za-z0-9_-]{22}$/.test(text) ? text : void 0;
}

// server/src/mmp/wire.ts
function via(parse2) {
  return string().transform((text, context) => {
    const value = parse2(text);
    if (value !== void 0) return value;
    context.addIssue({ code: "custom" });
    return NEVER;
  });
}

export {
  LIMITS,
  Scope,
  sanitise,
  oneLine,
  prefix,
  preview,
  escapeForJsonString,
  utf8,
  fromUtf8,
  concat,
  tagged,
  sha256,
  toHex,
  fromHex,
  toBase64Url,
  fromBase64Url,
  compareBytewise,
  parseNodeId,
  newNodeId,
  fingerprintOf,
  parseFingerprint,
  shortFingerprint,
  parseFingerprintPrefix,
  parseRelayUrl,
  relayHostOf,
  KEY_BYTES,
  SIGNATURE_BYTES,
  isAcceptableEd25519,
  isAcceptableX25519,
  verifySignature,
  signerFromSeed,
  newX25519,
  x25519FromSeed,
  relayGroupOf,
  relayProofPayload,
  COMMON_ROOM,
  relayRoomOf,
  parseRelayRoom,
  via,
  parseWireName,
  parseRelayUrl2,
  isPrivateLiteral,
  isLoopbackUrl,
  publicLookup,
  dialCauseOf,
  isLasting,
  retryDelayMs,
  problemOf,
  decodeJson,
  decodeObject,
  encodeJson,
  isObject
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
