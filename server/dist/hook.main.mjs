import {
  callLocal,
  findRunFileOfParent,
  isTextList,
  messageOf,
  parseObject,
  parseRunName,
  runFolder,
  runPath
} from "./hook.shared.mjs";

// server/src/hook/main.ts
import { homedir } from "node:os";
import path from "node:path";

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

// server/src/local/door.ts
import { readdirSync, readFileSync, rmSync } from "node:fs";
var WANTS_FILE = "PostToolUse:file";
function readDoor(root, ppid, sessionId) {
  const pids = doorsOf(root, ppid);
  if (pids.length === 0) return void 0;
  const pid = findRunFileOfParent(root, ppid, sessionId)?.pid ?? (pids.length === 1 ? pids[0] : void 0);
  return pid === void 0 || !pids.includes(pid) ? void 0 : doorOf(root, ppid, pid);
}
function readDoors(root, ppid) {
  return doorsOf(root, ppid).flatMap((pid) => doorOf(root, ppid, pid) ?? []);
}
function doorOf(root, ppid, pid) {
  try {
    return parseDoor(readFileSync(runPath(root, ppid, pid, "door"), "utf8"));
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
    const names = readdirSync(runFolder(root)).map((name) => parseRunName(name, "door"));
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

// server/src/hook/prompt.ts
import { createHash } from "node:crypto";
var MAX_LINKS = 16;
var MAX_LINK = 2048;
var MAX_WORDS = 512;
var LINK = /(?<![a-z0-9-])(?:sym:\/\/|wss?:\/\/|[a-z][a-z0-9-]{1,31}:\/\/room\/)[\x21-\x7e]+/gi;
var WORD = /(?<![a-z0-9-])[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9-])/gi;
var COMMAND = /^\s*\/(?:sym-mesh-channel:)?mesh-(join|invite)(?:\s|$)/;
var BOUNDARY = /\[(?:begin|end) [0-9a-f]{16}\]/;
function reportOf(prompt) {
  if (!isTyped(prompt)) return void 0;
  const command = COMMAND.exec(prompt)?.[1];
  const report = { links: hashes(linksIn(prompt), MAX_LINKS), words: hashes(wordsIn(prompt), MAX_WORDS) };
  return command === "join" || command === "invite" ? { ...report, command } : report;
}
function isWish(report) {
  return report !== void 0 && (report.command !== void 0 || report.links.length > 0 || report.words.includes(JOIN));
}
function isTyped(prompt) {
  return typeof prompt === "string" && prompt.trim() !== "" && !/^\s*(?:<|\[SYSTEM)/i.test(prompt) && !BOUNDARY.test(prompt);
}
var JOIN = hashOf("join");
function linksIn(prompt) {
  const links = [...prompt.matchAll(LINK)].filter(([link]) => link.length <= MAX_LINK);
  return links.flatMap(([link]) => [link, link.replace(/[\])}>'"`.,;:!?]+$/, "")]);
}
function wordsIn(prompt) {
  return [...prompt.replace(LINK, " ").matchAll(WORD)].map(([word]) => word.toLowerCase());
}
function hashes(texts, most) {
  return [...new Set(texts)].slice(0, most).map(hashOf);
}
function hashOf(text) {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

// server/src/hook/hook.ts
var EVENTS = ["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop"];
var TAKE_TIMEOUT_MS = 1500;
var START_MS = 2500;
var PAUSE_MS = 50;
async function runHook(name, deps) {
  try {
    const event = EVENTS.find((known) => known === name);
    if (event && (deps.speaksOfMesh || isWanted(event, deps))) await surface(event, deps);
  } catch (thrown) {
    deps.warn(`sym-mesh-channel: ${messageOf(thrown)}`);
  }
}
var NO_DOOR = { waiting: 0, wants: [] };
function isWanted(event, { root, ppid }) {
  return readDoors(root, ppid).some((door) => wantsOf(event, door) !== "nothing");
}
function wantsOf(event, { waiting, wants }) {
  if (waiting > 0 || wants.includes(event)) return "event";
  return event === "PostToolUse" && wants.includes(WANTS_FILE) ? "file" : "nothing";
}
async function surface(event, deps) {
  const input = parseObject(await deps.readInput() ?? "") ?? {};
  if (typeof input["agent_id"] === "string") return;
  const sessionId = typeof input["session_id"] === "string" ? input["session_id"] : void 0;
  const door = readDoor(deps.root, deps.ppid, sessionId) ?? NO_DOOR;
  const wanted = wantsOf(event, door);
  if (wanted === "nothing" && !deps.speaksOfMesh) return;
  const file = event === "PostToolUse" && door.wants.includes(WANTS_FILE) ? editedFile(input) : void 0;
  if (file === void 0 && wanted === "file") return;
  const params = { ...paramsOf(event, sessionId, input, deps), ...file === void 0 ? {} : { file } };
  const run = await serverOf(sessionId, deps.speaksOfMesh === true && isWish(reportOf(input["prompt"])), deps);
  const offer = run && await take(run.local, params, deps);
  if (run === void 0 || offer === void 0) return;
  await deps.write(outputOf(event, offer.text));
  await callLocal(run.local, { method: "shown", params: { ticket: offer.ticket } }, { clock: deps.clock, timeoutMs: SHOWN_TIMEOUT_MS });
}
async function serverOf(sessionId, isPatient, { root, ppid, clock, pause }) {
  for (let left = isPatient && pause ? START_MS / PAUSE_MS : 0; ; left--) {
    const run = findRunFileOfParent(root, ppid, sessionId);
    const isUp = run !== void 0 && (!isPatient || "ok" in await callLocal(run.local, { method: "persist" }, { clock, timeoutMs: SHOWN_TIMEOUT_MS }));
    if (isUp || left <= 0) return run;
    await pause?.(PAUSE_MS);
  }
}
async function take(socket, params, { clock, warn }) {
  const answer = await callLocal(socket, { method: "take", params }, { clock, timeoutMs: TAKE_TIMEOUT_MS });
  if ("error" in answer) {
    if (answer.error.code !== "unreachable") warn(`sym-mesh-channel: ${answer.error.message}`);
    return void 0;
  }
  return parseOffer(answer.ok, HOST_LIMIT_CHARACTERS);
}
function paramsOf(event, sessionId, input, { speaksOfMesh }) {
  return {
    event,
    ...sessionId === void 0 ? {} : { sessionId },
    ...event === "SessionStart" && typeof input["source"] === "string" ? { source: input["source"].slice(0, 32) } : {},
    ...event === "UserPromptSubmit" ? { isTyped: isTyped(input["prompt"]), ...speaksOfMesh ? { prompt: reportOf(input["prompt"]) } : {} } : {},
    // Unreadable input counts as a turn that is being continued already: never the way into a loop.
    ...event === "Stop" ? { isStopHookActive: input["stop_hook_active"] !== false } : {}
  };
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
function runHookProcess(process) {
  return hookMain({ ...process, clock: systemClock, home: homedir });
}
function hookMain({ args, env, ppid, home, clock, stdin, peek, stdout, stderr }) {
  return runHook(args[0] ?? "", {
    root: stateRoot(env, home),
    ppid,
    clock,
    ...peek === void 0 ? {} : { speaksOfMesh: peek.speaksOfMesh },
    readInput: () => peek === void 0 ? readAll(stdin(), clock) : Promise.resolve(peek.input),
    write: (text) => writeAll(stdout(), text),
    pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    warn: (line) => void stderr().write(`${line.replace(/\s+/g, " ").slice(0, 300)}
`)
  });
}
function stateRoot(env, home) {
  const given = found(env["SYM_STATE_DIR"]);
  return given === void 0 ? path.join(found(env["HOME"]) ?? home(), ".sym") : path.resolve(given);
}
function found(text = "") {
  const trimmed = text.trim();
  return trimmed === "" || /^\$\{[^}]*\}$/.test(trimmed) ? void 0 : trimmed;
}
async function runPersistProcess({
  env,
  ppid,
  stdout,
  stderr
}) {
  try {
    const { persistGroup } = await import("./hook.persist.mjs");
    const sessionId = env["CLAUDE_CODE_SESSION_ID"];
    await persistGroup({ root: stateRoot(env, homedir), ppid, sessionId, clock: systemClock, write: (text) => writeAll(stdout(), text) });
  } catch (thrown) {
    stderr().write(`sym-mesh-channel: ${messageOf(thrown).slice(0, 300)}
`);
  }
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
  runPersistProcess,
  runWaiterProcess,
  stateRoot
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
