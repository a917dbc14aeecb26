import {
  MeshError,
  systemCode
} from "./cli.shared-7.mjs";

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
function ensurePrivateFolder(folder) {
  mkdirSync(folder, { recursive: true, mode: 448 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw new MeshError("store-unreadable", `${folder} is not a folder; move it away and start again`);
  if (isWindows) return;
  if (process.getuid && stat.uid !== process.getuid()) {
    throw new MeshError("store-unreadable", `${folder} belongs to another user; run: sudo chown -R $(id -un) '${folder}'`);
  }
  if ((stat.mode & 18) !== 0) {
    throw new MeshError("store-unreadable", `${folder} can be written by other users; run: chmod 700 '${folder}'`);
  }
}
function readPrivateFile(file) {
  let descriptor;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW));
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return void 0;
    throw thrown;
  }
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
function writePrivateFile(file, content) {
  replaceDurably(file, content, 384);
}
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
function closeToOthers(file) {
  const { mode } = lstatSync(file);
  if (!isWindows) chmodSync(file, mode & 448);
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
function safeJoin(parent, name) {
  const isReserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);
  if (name === "" || name.startsWith(".") || /[/\\\0:*?"<>|]/.test(name) || /[. ]$/.test(name) || isReserved) {
    throw new MeshError("name-invalid", `${JSON.stringify(name)} cannot be a folder name; use letters, digits and dashes`);
  }
  const joined = path.resolve(parent, name);
  if (path.dirname(joined) !== path.resolve(parent)) {
    throw new MeshError("name-invalid", `${JSON.stringify(name)} leads out of ${parent}; use letters, digits and dashes`);
  }
  return joined;
}

// server/src/base/bucket.ts
var TokenBucket = class {
  #burst;
  #perSecond;
  #tokens;
  #at;
  constructor(burst, perSecond, nowMs) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#at = nowMs;
  }
  /** Takes `cost` tokens if they are there. */
  take(nowMs, cost = 1) {
    this.#refill(nowMs);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
  /** Takes `cost` tokens in any case; the balance may become negative, which delays what follows. */
  spend(nowMs, cost) {
    this.#refill(nowMs);
    this.#tokens -= cost;
  }
  /** Tokens at hand; negative when overspent. */
  available(nowMs) {
    this.#refill(nowMs);
    return this.#tokens;
  }
  /** Milliseconds until `cost` tokens are there; 0 when they are, Infinity when they never will be. */
  waitMs(nowMs, cost = 1) {
    this.#refill(nowMs);
    if (cost > this.#burst) return Number.POSITIVE_INFINITY;
    return this.#tokens >= cost ? 0 : Math.ceil((cost - this.#tokens) / this.#perSecond * 1e3);
  }
  get isFull() {
    return this.#tokens >= this.#burst;
  }
  #refill(nowMs) {
    const elapsed = Math.max(0, nowMs - this.#at);
    this.#at = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed / 1e3 * this.#perSecond);
  }
};

// server/src/local/socket-path.ts
import { createHash } from "node:crypto";
import { chmodSync as chmodSync2, lstatSync as lstatSync2 } from "node:fs";
import path2 from "node:path";
var MAX_SOCKET_PATH_BYTES = 100;
function socketPath(folder, name, place) {
  if (place.platform === "win32") return `\\\\.\\pipe\\sym-${hashOf(folder.toLowerCase())}-${name}`;
  const beside = path2.join(folder, name);
  return fitsSocket(beside) ? beside : shortSocketPath(folder, name, place);
}
function shortSocketPath(folder, name, place) {
  const short = `${hashOf(path2.resolve(folder))}-${name}`;
  const inTmp = path2.join(place.tmp, `sym-${place.uid}`, short);
  return fitsSocket(inTmp) ? inTmp : path2.join("/tmp", `sym-${place.uid}`, short);
}
function fitsSocket(file) {
  return Buffer.byteLength(file) <= MAX_SOCKET_PATH_BYTES;
}
function ensureSocketFolder(socket) {
  if (socket.startsWith("\\\\.\\pipe\\")) return;
  ensureClosedFolder(path2.dirname(socket));
}
function ensureClosedFolder(folder) {
  ensurePrivateFolder(folder);
  if (process.platform !== "win32" && (lstatSync2(folder).mode & 63) !== 0) chmodSync2(folder, 448);
}
function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

export {
  ensurePrivateFolder,
  readPrivateFile,
  writePrivateFile,
  replaceDurably,
  closeToOthers,
  syncPath,
  safeJoin,
  TokenBucket,
  socketPath,
  shortSocketPath,
  fitsSocket,
  ensureSocketFolder,
  ensureClosedFolder
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
