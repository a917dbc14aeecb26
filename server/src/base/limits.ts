/**
 * Every limit in one table. Sizes are bytes unless the name says otherwise, times are milliseconds. The table
 * of the documents is compared with it by a test.
 */
export const LIMITS = {
  /** The last links are kept for sessions of this machine. */
  accept: { halfOpenPerAddress: 4, halfOpen: 64, links: 128, lanLinks: 96 },
  handshake: {
    timeoutMs: 5_000,
    bytesBefore: 16_384,
    frameBytes: 8_192,
    perAddressPerMinute: 10,
    perAddressBurst: 20,
    perSecond: 50,
  },
  frame: { maxBytes: 1_048_576 },
  json: { depth: 32, keys: 4_096, stringBytes: 65_536, payloadStringBytes: 524_288, badFrames: 20, badFramesWindowMs: 10_000 },
  unknownFrames: { perMinute: 200 },
  link: {
    framesPerSecond: 50,
    framesBurst: 200,
    bytesPerSecond: 1_048_576,
    bytesBurst: 4_194_304,
    pingAfterMs: 5_000,
    closeAfterMs: 15_000,
    rekeyFrames: 1_048_576,
    rekeyBytes: 1_073_741_824,
    rekeyMs: 86_400_000,
    dialTimeoutMs: 10_000,
    outboundBytes: 4_194_304,
  },
  name: { maxBytes: 64 },
  cmb: {
    perMinute: 120,
    burst: 200,
    perDay: 5_000,
    fieldBytes: 8_192,
    totalBytes: 32_768,
    payloadBytes: 262_144,
    parents: 32,
    futureMs: 300_000,
    pastMs: 2_592_000_000,
  },
  body: { maxBytes: 16_384 },
  mdns: { candidates: 200, txtBytes: 400, dialsPerMinute: 10, dialAgainMs: 30_000, requeryMs: 15_000 },
  machine: { entries: 64, scanMs: 5_000 },
  openGroup: { pinnedKeys: 64, newPerHour: 20, idleDays: 30 },
  local: { requestBytes: 65_536, requestsPerSecond: 100 },
  tool: { textBytes: 16_384, targetCharacters: 64, sendsPerMinute: 30, resultCharacters: 20_000 },
  context: {
    itemCharacters: 1_200,
    hookCharacters: 9_000,
    perPeer: { itemsPerMinute: 6, itemsBurst: 40, tokensPerMinute: 2_000, tokensBurst: 6_000, tokensPerDay: 60_000 },
    overall: { itemsPerMinute: 20, itemsBurst: 60, tokensPerMinute: 8_000, tokensBurst: 12_000 },
    unverifiedShare: 0.5,
  },
  inbox: { rows: 10_000, bytes: 67_108_864, peerShare: 0.2, readKeptMs: 2_592_000_000 },
  outbox: { directedTtlMs: 604_800_000, broadcastTtlMs: 86_400_000, rows: 10_000 },
  memory: { rows: 50_000, bytes: 536_870_912, peerShare: 0.2 },
  log: { lineCharacters: 512, perSecond: 20 },
  /** A service label has at most 63 bytes, one of them the underscore. */
  group: { nameCharacters: 62 },
  firstVerdictMs: 1_000,
} as const
