// server/src/hook/look.ts
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
function mayBeWanted(env, ppid, event2) {
  const home = env["HOME"] || env["USERPROFILE"];
  const root = env["SYM_STATE_DIR"] || home && path.join(home, ".sym");
  if (!root || /^\s|\s$|\$\{/.test(root)) return true;
  const folder = path.join(root, "run");
  try {
    const doors = readdirSync(folder).filter((name) => name.startsWith(`${ppid}-`) && name.endsWith(".door"));
    return doors.some((name) => wants(path.join(folder, name), event2));
  } catch {
    return false;
  }
}
function mayWait(env) {
  return env["CLAUDE_CODE_ENTRYPOINT"] === "cli";
}
function wants(file, event2) {
  try {
    const door = JSON.parse(readFileSync(file, "utf8"));
    if (door.waiting !== 0 || !Array.isArray(door.wants)) return true;
    return door.wants.some((entry) => entry === event2 || String(entry).startsWith(`${event2}:`));
  } catch {
    return true;
  }
}

// server/src/hook/peek.ts
import { readSync } from "node:fs";
var CHUNK_BYTES = 65536;
var MAX_BYTES = 4194304;
var RETRY_MS = 5;
var MAX_RETRIES = 200;
function peekAtPrompt(read = (into) => readSync(0, into)) {
  const input = readObject(read);
  return { input, speaksOfMesh: speaksOfMesh(promptIn(input)) };
}
function speaksOfMesh(text) {
  return /mesh|group|join|invite|:\/\//i.test(text);
}
function readObject(read) {
  const chunks = [];
  let bytes = 0;
  for (let retries = 0; bytes < MAX_BYTES && retries < MAX_RETRIES; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSome(read, chunk);
    if (length === 0) break;
    if (length < 0) {
      retries++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      continue;
    }
    chunks.push(chunk.subarray(0, length));
    bytes += length;
    if (chunk[length - 1] === 125 || chunk[length - 1] === 10) {
      const text = Buffer.concat(chunks).toString("utf8");
      if (isObject(text)) return text;
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}
function readSome(read, into) {
  try {
    return read(into);
  } catch (thrown) {
    const code2 = thrown instanceof Error && "code" in thrown ? thrown.code : void 0;
    return code2 === "EAGAIN" ? -1 : 0;
  }
}
function promptIn(input) {
  try {
    const { prompt } = JSON.parse(input);
    return typeof prompt === "string" ? prompt : "";
  } catch {
    return "";
  }
}
function isObject(text) {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

// server/src/bin/hook.ts
var [event = ""] = process.argv.slice(2);
var streams = { env: process.env, ppid: process.ppid, stdout: () => process.stdout, stderr: () => process.stderr };
var peek = event === "UserPromptSubmit" ? peekAtPrompt() : void 0;
var code = 0;
if (event === "wait" && mayWait(process.env)) {
  const { runWaiterProcess } = await import("./hook.main.mjs");
  code = await runWaiterProcess({ env: process.env, parentPid: () => process.ppid, stderr: () => process.stderr });
} else if (event === "persist") {
  const { runPersistProcess } = await import("./hook.main.mjs");
  await runPersistProcess(streams);
} else if (event !== "wait" && (peek?.speaksOfMesh || mayBeWanted(process.env, process.ppid, event))) {
  const { runHookProcess } = await import("./hook.main.mjs");
  await runHookProcess({ ...streams, args: process.argv.slice(2), stdin: () => process.stdin, peek });
}
process.exit(code);

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
