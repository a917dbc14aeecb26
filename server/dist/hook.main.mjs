// server/src/hook/main.ts
import { homedir } from "node:os";
import path2 from "node:path";

// server/src/base/clock.ts
var BEAT_MS = 1e3;
var SLACK_MS = 100;
var systemClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  onBeat(delayMs) {
    const now = performance.now();
    return Math.ceil(Math.ceil((now + delayMs - SLACK_MS) / BEAT_MS) * BEAT_MS - now);
  }
};
function delay(clock, delayMs, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

// server/src/base/errors.ts
function messageOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

// server/src/local/calls.ts
import { connect, createServer } from "node:net";

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
  receipt: { items: 32 },
  envelope: { hops: 64, chain: 16, waits: 32 },
  mdns: { candidates: 200, txtBytes: 400, dialsPerMinute: 10, dialAgainMs: 3e4, requeryMs: 15e3 },
  machine: { entries: 64, scanMs: 5e3 },
  /** Contact requests are what strangers said: so many of them, so much of each, so long. */
  requests: { keys: 64, messagesPerKey: 20, keptMs: 6048e5 },
  trust: { allowedPeers: 64 },
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
  question: { waitMs: 5e4, openMs: 864e5, openPerPeer: 16, answers: 64, remindMs: 6e5 },
  inbox: { rows: 1e4, bytes: 67108864, peerShare: 0.2, readKeptMs: 2592e6 },
  outbox: { directedTtlMs: 6048e5, broadcastTtlMs: 864e5, rows: 1e4 },
  memory: { rows: 5e4, bytes: 536870912, peerShare: 0.2 },
  /** Of a relay; a person who runs one can change each of them. */
  relay: {
    connections: 1e4,
    perGroup: 256,
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
  /** Of a node at a relay. */
  relayClient: {
    answerMs: 1e4,
    pongMs: 2e4,
    silenceMs: 6e4,
    retryMs: 1e3,
    retryMaxMs: 3e4,
    steadyMs: 3e4,
    breakAfter: 6,
    brokenMs: 3e5,
    supersededMs: 6e4,
    heldBytes: 1048576
  },
  /** What broadcasts are compared with, and how many words of its own a session needs before it compares at all. */
  anchors: { own: 8, others: 4, perPeer: 2, grounds: 3 },
  log: { lineCharacters: 512, perSecond: 20 },
  /** Each of the files; the oldest goes. */
  audit: { fileBytes: 5242880, files: 5, perSecond: 20 },
  /** A service label has at most 63 bytes, one of them the underscore. */
  group: { nameCharacters: 62, joined: 16, listed: 64 },
  invite: { linkCharacters: 2048, relayCharacters: 512, tokenCharacters: 512 },
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

// server/src/local/run-files.ts
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs";
import path from "node:path";

// server/src/base/files.ts
var isWindows = process.platform === "win32";

// server/src/local/run-files.ts
var isWindows2 = process.platform === "win32";
var MAX_FILE_BYTES = 16384;
var MAX_NAMES = 1024;
function runFolder(root) {
  return path.join(root, "run");
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
  const found2 = readRunFiles(root, (name) => name.ppid === ppid);
  const ofSession = sessionId === void 0 ? void 0 : found2.find((entry) => entry.run.sessionId === sessionId);
  return (ofSession ?? found2[0])?.run;
}
function parseRunName(name, kind) {
  const match = /^([1-9]\d{0,9})-([1-9]\d{0,9})\.([a-z]+)$/.exec(name);
  return match?.[3] === kind ? { ppid: Number(match[1]), pid: Number(match[2]) } : void 0;
}
function runPath(root, ppid, pid, kind) {
  return path.join(runFolder(root), `${ppid}-${pid}.${kind}`);
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
  const found2 = [];
  for (const dirent of listFolder(runFolder(root))) {
    const name = parseRunName(dirent.name, "json");
    if (name === void 0 || !wants(name)) continue;
    const file = readOwnFile(path.join(runFolder(root), dirent.name));
    const run = file && parseRunFile(file.text);
    if (run?.pid === name.pid) found2.push({ entry: { ppid: name.ppid, run }, changedMs: file?.changedMs ?? 0 });
  }
  found2.sort((a, b) => b.changedMs - a.changedMs || b.entry.run.pid - a.entry.run.pid);
  return found2.slice(0, LIMITS.machine.entries).map(({ entry }) => entry);
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
    descriptor = openSync(file, constants.O_RDONLY | (isWindows2 ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK));
    const stat = fstatSync(descriptor);
    const isOwn = isWindows2 || stat.uid === process.getuid?.();
    if (!stat.isFile() || !isOwn || stat.size > MAX_FILE_BYTES) return void 0;
    return { text: readFileSync(descriptor, "utf8"), changedMs: stat.mtimeMs };
  } catch {
    return void 0;
  } finally {
    if (descriptor !== void 0) closeSync(descriptor);
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

// server/src/local/door.ts
import { readdirSync as readdirSync2, readFileSync as readFileSync2, rmSync as rmSync2 } from "node:fs";
var WANTS_FILE = "PostToolUse:file";
function readDoor(root, ppid, sessionId) {
  const pids = doorsOf(root, ppid);
  const pid = pids.length > 1 ? findRunFileOfParent(root, ppid, sessionId)?.pid : pids[0];
  if (pid === void 0 || !pids.includes(pid)) return void 0;
  try {
    return parseDoor(readFileSync2(runPath(root, ppid, pid, "door"), "utf8"));
  } catch {
    return void 0;
  }
}
function parseDoor(text) {
  const value = parseObject(text);
  if (value === void 0) return void 0;
  const { waiting, wants } = value;
  if (typeof waiting !== "number" || !Number.isSafeInteger(waiting) || waiting < 0 || !isTextList(wants)) return void 0;
  return { waiting, wants };
}
function doorsOf(root, ppid) {
  try {
    const names = readdirSync2(runFolder(root)).map((name) => parseRunName(name, "door"));
    return names.flatMap((name) => name?.ppid === ppid ? [name.pid] : []);
  } catch {
    return [];
  }
}

// server/src/hook/edit.ts
var EDITING_TOOLS = ["Edit", "MultiEdit", "NotebookEdit", "Write"];
var MAX_PATH_CHARACTERS = 4096;
function editedFile(input) {
  const { tool_name: tool, tool_input: given } = input;
  if (typeof tool !== "string" || !EDITING_TOOLS.includes(tool) || typeof given !== "object" || given === null) return void 0;
  const file = "file_path" in given ? given.file_path : "notebook_path" in given ? given.notebook_path : void 0;
  return typeof file === "string" && file !== "" && file.length <= MAX_PATH_CHARACTERS ? file : void 0;
}

// server/src/hook/offer.ts
var HOST_LIMIT_CHARACTERS = 1e4;
var SHOWN_TIMEOUT_MS = 1e3;
function parseOffer(value, maxCharacters) {
  if (typeof value !== "object" || value === null || !("ticket" in value) || !("text" in value)) return void 0;
  const { ticket, text } = value;
  if (typeof ticket !== "string" || typeof text !== "string" || text === "") return void 0;
  return text.length > maxCharacters ? void 0 : { ticket, text };
}

// server/src/hook/hook.ts
var EVENTS = ["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop"];
var TAKE_TIMEOUT_MS = 1500;
async function runHook(name, deps) {
  try {
    const event = EVENTS.find((known) => known === name);
    const door = event && readDoor(deps.root, deps.ppid);
    if (door && wantsOf(event, door) !== "nothing") await surface(event, door, deps);
  } catch (thrown) {
    deps.warn(`sym-mesh-channel: ${messageOf(thrown)}`);
  }
}
function wantsOf(event, { waiting, wants }) {
  if (waiting > 0 || wants.includes(event)) return "event";
  return event === "PostToolUse" && wants.includes(WANTS_FILE) ? "file" : "nothing";
}
async function surface(event, door, deps) {
  const input = parseObject(await deps.readInput() ?? "") ?? {};
  if (typeof input["agent_id"] === "string") return;
  const file = event === "PostToolUse" && door.wants.includes(WANTS_FILE) ? editedFile(input) : void 0;
  if (file === void 0 && wantsOf(event, door) === "file") return;
  const sessionId = typeof input["session_id"] === "string" ? input["session_id"] : void 0;
  const run = findRunFileOfParent(deps.root, deps.ppid, sessionId);
  if (run === void 0) return;
  const offer = await take(run.local, { ...paramsOf(event, sessionId, input), ...file === void 0 ? {} : { file } }, deps);
  if (offer === void 0) return;
  await deps.write(outputOf(event, offer.text));
  await callLocal(run.local, { method: "shown", params: { ticket: offer.ticket } }, { clock: deps.clock, timeoutMs: SHOWN_TIMEOUT_MS });
}
async function take(socket, params, { clock, warn }) {
  const answer = await callLocal(socket, { method: "take", params }, { clock, timeoutMs: TAKE_TIMEOUT_MS });
  if ("error" in answer) {
    if (answer.error.code !== "unreachable") warn(`sym-mesh-channel: ${answer.error.message}`);
    return void 0;
  }
  return parseOffer(answer.ok, HOST_LIMIT_CHARACTERS);
}
function paramsOf(event, sessionId, input) {
  return {
    event,
    ...sessionId === void 0 ? {} : { sessionId },
    ...event === "SessionStart" && typeof input["source"] === "string" ? { source: input["source"].slice(0, 32) } : {},
    ...event === "UserPromptSubmit" ? { isTyped: isTyped(input["prompt"]) } : {},
    // Unreadable input counts as a turn that is being continued already: never the way into a loop.
    ...event === "Stop" ? { isStopHookActive: input["stop_hook_active"] !== false } : {}
  };
}
function isTyped(prompt) {
  return typeof prompt === "string" && prompt.trim() !== "" && !/^\s*(?:<|\[SYSTEM)/i.test(prompt);
}
function outputOf(event, text) {
  return `${JSON.stringify({ hookSpecificOutput: { hookEventName: event, additionalContext: text } })}
`;
}

// server/src/hook/waiter.ts
var WAKE_EXIT_CODE = 2;
var MAX_AGE_MS = 828e5;
var SERVER_TIMEOUT_MS = 1e4;
var LOOK_MS = 200;
var PARENT_MS = 5e3;
async function runWaiter(deps) {
  const ending = new AbortController();
  const stopWatching = watchParent(deps, () => ending.abort());
  const age = deps.clock.after(MAX_AGE_MS, () => ending.abort());
  try {
    return await waitForWake(deps, ending.signal);
  } catch {
    return 0;
  } finally {
    age.cancel();
    stopWatching();
  }
}
async function waitForWake(deps, signal) {
  const found2 = await askServer(deps, signal);
  if (found2 === void 0 || signal.aborted) return 0;
  const { socket, offer } = found2;
  await deps.write(offer.text);
  await callLocal(socket, { method: "shown", params: { ticket: offer.ticket } }, { clock: deps.clock, timeoutMs: SHOWN_TIMEOUT_MS });
  return WAKE_EXIT_CODE;
}
async function askServer(deps, signal) {
  const { root, sessionId, clock, parentPid } = deps;
  const ppid = parentPid();
  for (const endMs = clock.monotonic() + SERVER_TIMEOUT_MS; clock.monotonic() < endMs && !signal.aborted; ) {
    const socket = findRunFileOfParent(root, ppid, sessionId)?.local;
    const answer = socket === void 0 ? void 0 : await callLocal(socket, { method: "wake", params: {} }, { clock, signal });
    if (socket !== void 0 && answer !== void 0 && !isTooEarly(answer)) {
      const offer = "ok" in answer ? parseOffer(answer.ok, HOST_LIMIT_CHARACTERS) : void 0;
      return offer && { socket, offer };
    }
    await delay(clock, LOOK_MS, signal);
  }
  return void 0;
}
function isTooEarly(answer) {
  return "error" in answer && answer.error.code === "unreachable";
}
function watchParent({ parentPid, clock }, onGone) {
  const first = parentPid();
  let timer = clock.after(PARENT_MS, look);
  function look() {
    if (parentPid() !== first) onGone();
    else timer = clock.after(PARENT_MS, look);
  }
  return () => timer.cancel();
}

// server/src/hook/main.ts
var MAX_INPUT_BYTES = 4194304;
var INPUT_TIMEOUT_MS = 1500;
var KEEP_ALIVE_MS = 36e5;
function runHookProcess(process2) {
  return hookMain({ ...process2, clock: systemClock, home: homedir });
}
function hookMain({ args, env, ppid, home, clock, stdin, stdout, stderr }) {
  return runHook(args[0] ?? "", {
    root: stateRoot(env, home),
    ppid,
    clock,
    readInput: () => readAll(stdin(), clock),
    write: (text) => writeAll(stdout(), text),
    warn: (line) => void stderr().write(`${line.replace(/\s+/g, " ").slice(0, 300)}
`)
  });
}
function stateRoot(env, home) {
  const given = found(env["SYM_STATE_DIR"]);
  return given === void 0 ? path2.join(found(env["HOME"]) ?? home(), ".sym") : path2.resolve(given);
}
function found(text = "") {
  const trimmed = text.trim();
  return trimmed === "" || /^\$\{[^}]*\}$/.test(trimmed) ? void 0 : trimmed;
}
function readAll(stream, clock) {
  return new Promise((resolve) => {
    const chunks = [];
    let bytes = 0;
    const timer = clock.after(INPUT_TIMEOUT_MS, () => done(void 0));
    stream.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes > MAX_INPUT_BYTES) done(void 0);
      else chunks.push(chunk);
    });
    stream.once("end", () => done(Buffer.concat(chunks).toString("utf8")));
    stream.once("error", () => done(void 0));
    function done(text) {
      timer.cancel();
      stream.destroy();
      resolve(text);
    }
  });
}
async function runWaiterProcess({ env, parentPid, stderr }) {
  const alive = setInterval(() => {
  }, KEEP_ALIVE_MS);
  try {
    return await runWaiter({
      root: stateRoot(env, homedir),
      parentPid,
      sessionId: found(env["CLAUDE_CODE_SESSION_ID"]),
      clock: systemClock,
      write: (text) => writeAll(stderr(), text)
    });
  } finally {
    clearInterval(alive);
  }
}
function writeAll(stream, text) {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.write(text, (error) => error ? reject(error) : resolve());
  });
}
export {
  hookMain,
  readAll,
  runHookProcess,
  runWaiterProcess,
  stateRoot
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
