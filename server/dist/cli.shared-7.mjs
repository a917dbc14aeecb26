import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __require = /* @__PURE__ */ ((x) => typeof require !== "undefined" ? require : typeof Proxy !== "undefined" ? new Proxy(x, {
  get: (a, b) => (typeof require !== "undefined" ? require : a)[b]
}) : x)(function(x) {
  if (typeof require !== "undefined") return require.apply(this, arguments);
  throw Error('Dynamic require of "' + x + '" is not supported');
});
var __commonJS = (cb, mod) => function __require2() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// server/src/base/errors.ts
var MeshError = class extends Error {
  code;
  retryable;
  constructor(code, message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.name = "MeshError";
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
};
function assertNever(value) {
  throw new MeshError("internal", `unhandled case ${JSON.stringify(value)}`);
}
function messageOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
function systemCode(thrown) {
  if (!(thrown instanceof Error) || !("code" in thrown)) return void 0;
  return typeof thrown.code === "string" ? thrown.code : void 0;
}

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

export {
  __require,
  __commonJS,
  __export,
  __toESM,
  MeshError,
  assertNever,
  messageOf,
  systemCode,
  LIMITS
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
