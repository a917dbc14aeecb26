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
function messageOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
function systemCode(thrown) {
  if (!(thrown instanceof Error) || !("code" in thrown)) return void 0;
  return typeof thrown.code === "string" ? thrown.code : void 0;
}

// server/src/local/run-files.ts
import {
  closeSync as closeSync2,
  constants as constants2,
  fstatSync,
  openSync as openSync2,
  readdirSync,
  readFileSync as readFileSync2,
  renameSync as renameSync2,
  rmSync as rmSync2,
  writeFileSync as writeFileSync2
} from "node:fs";
import path2 from "node:path";

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

// server/src/base/files.ts
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs";
import path from "node:path";
var isWindows = process.platform === "win32";
function replaceDurably(file, content, mode, isStillWanted = () => true) {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeDurably(temporary, content, mode);
    if (!isStillWanted()) {
      rmSync(temporary, { force: true });
      return false;
    }
    renameWithRetry(temporary, file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  syncPath(path.dirname(file));
  return true;
}
function writeDurably(file, content, mode) {
  const descriptor = openSync(file, "wx", mode);
  try {
    if (!isWindows) fchmodSync(descriptor, mode);
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
function renameWithRetry(from, to) {
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(from, to);
      return;
    } catch (thrown) {
      const isBusy = ["EBUSY", "EPERM", "EACCES"].includes(systemCode(thrown) ?? "");
      if (!isWindows || !isBusy || attempt === 10) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 * attempt);
    }
  }
}
function syncPath(target) {
  if (isWindows) return;
  const descriptor = openSync(target, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// server/src/local/run-files.ts
var isWindows2 = process.platform === "win32";
var MAX_FILE_BYTES = 16384;
var MAX_NAMES = 1024;
function runFolder(root) {
  return path2.join(root, "run");
}
function parseRunFile(text) {
  const value = parseObject(text);
  if (value === void 0) return void 0;
  const { nodeId, pid, start, sessionId, link, local, groups } = value;
  if (!isText(nodeId) || !isPid(pid) || !isText(link) || !isText(local)) return void 0;
  if (!isTextOrNull(start) || !isTextOrNull(sessionId)) return void 0;
  const run = { nodeId, pid, start, sessionId, link, local };
  if (groups === void 0) return run;
  return isTextList(groups) ? { ...run, groups } : void 0;
}
function findRunFileOfParent(root, ppid, sessionId) {
  const found = readRunFiles(root, (name) => name.ppid === ppid);
  const ofSession = sessionId === void 0 ? void 0 : found.find((entry) => entry.run.sessionId === sessionId);
  return (ofSession ?? found[0])?.run;
}
function parseRunName(name, kind) {
  const match = /^([1-9]\d{0,9})-([1-9]\d{0,9})\.([a-z]+)$/.exec(name);
  return match?.[3] === kind ? { ppid: Number(match[1]), pid: Number(match[2]) } : void 0;
}
function runPath(root, ppid, pid, kind) {
  return path2.join(runFolder(root), `${ppid}-${pid}.${kind}`);
}
function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : void 0;
  } catch {
    return void 0;
  }
}
function isTextList(value) {
  return Array.isArray(value) && value.length <= MAX_NAMES && value.every(isText);
}
function readRunFiles(root, wants) {
  const found = [];
  for (const dirent of listFolder(runFolder(root))) {
    const name = parseRunName(dirent.name, "json");
    if (name === void 0 || !wants(name)) continue;
    const file = readOwnFile(path2.join(runFolder(root), dirent.name));
    const run = file && parseRunFile(file.text);
    if (run?.pid === name.pid) found.push({ entry: { ppid: name.ppid, run }, changedMs: file?.changedMs ?? 0 });
  }
  found.sort((a, b) => b.changedMs - a.changedMs || b.entry.run.pid - a.entry.run.pid);
  return found.slice(0, LIMITS.machine.entries).map(({ entry }) => entry);
}
function listFolder(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true }).slice(0, MAX_NAMES);
  } catch {
    return [];
  }
}
function readOwnFile(file) {
  let descriptor;
  try {
    descriptor = openSync2(file, constants2.O_RDONLY | (isWindows2 ? 0 : constants2.O_NOFOLLOW | constants2.O_NONBLOCK));
    const stat = fstatSync(descriptor);
    const isOwn = isWindows2 || stat.uid === process.getuid?.();
    if (!stat.isFile() || !isOwn || stat.size > MAX_FILE_BYTES) return void 0;
    return { text: readFileSync2(descriptor, "utf8"), changedMs: stat.mtimeMs };
  } catch {
    return void 0;
  } finally {
    if (descriptor !== void 0) closeSync2(descriptor);
  }
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isText(value) {
  return typeof value === "string" && value !== "" && value.length <= 1024;
}
function isTextOrNull(value) {
  return value === null || isText(value);
}
function isPid(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

// server/src/local/calls.ts
import { connect, createServer } from "node:net";
var MAX_ANSWER_BYTES = LIMITS.frame.maxBytes;
function callLocal(path3, request, options) {
  return new Promise((resolve) => {
    const socket = connect(path3);
    const timer = options.timeoutMs === void 0 ? void 0 : options.clock.after(options.timeoutMs, onTimeout);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}
`));
    socket.once("error", (error) => settle(failure("unreachable", `no server answers at ${path3} (${messageOf(error)})`)));
    socket.once("close", () => settle(failure("closed", "the server ended before it answered")));
    readLines(socket, MAX_ANSWER_BYTES, (line) => {
      const value = line === void 0 ? void 0 : parseObject(line);
      if (value !== void 0 && "item" in value) options.onItem?.(value["item"]);
      else settle(parseAnswer(value));
    });
    function onTimeout() {
      settle(failure("timeout", `no answer within ${options.timeoutMs} ms`));
    }
    function onAbort() {
      settle(failure("closed", "the request was given up"));
    }
    function settle(answer) {
      timer?.cancel();
      options.signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(answer);
    }
  });
}
function readLines(socket, maxBytes, onLine) {
  let pieces = [];
  let bytes = 0;
  socket.on("data", (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0 && bytes <= maxBytes; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      pieces = [];
      bytes = 0;
      if (line.length > maxBytes) return overflow();
      onLine(line.toString("utf8"));
    }
    pieces.push(rest);
    bytes += rest.length;
    if (bytes > maxBytes) overflow();
  });
  function overflow() {
    socket.removeAllListeners("data");
    socket.resume();
    onLine(void 0);
  }
}
function parseAnswer(value) {
  if (value !== void 0 && "ok" in value) return { ok: value["ok"] };
  const error = value?.["error"];
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) {
    return failure(String(error.code), String(error.message));
  }
  return failure("internal", "the answer of the server cannot be read; update the older of the two programs");
}
function failure(code, message) {
  return { error: { code, message } };
}

export {
  MeshError,
  messageOf,
  systemCode,
  replaceDurably,
  runFolder,
  findRunFileOfParent,
  parseRunName,
  runPath,
  parseObject,
  isTextList,
  callLocal
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
