import {
  TokenBucket,
  ensureClosedFolder,
  ensureSocketFolder,
  replaceDurably,
  socketPath
} from "./cli.shared-5.mjs";
import {
  LIMITS,
  MeshError,
  messageOf,
  systemCode
} from "./cli.shared-7.mjs";

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
import { tmpdir } from "node:os";
import path from "node:path";
var isWindows = process.platform === "win32";
var MAX_FILE_BYTES = 16384;
var MAX_NAMES = 1024;
function runFolder(root) {
  return path.join(root, "run");
}
function socketPaths(root, ppid, pid, place = thisMachine()) {
  const at = (kind) => socketPath(runFolder(root), `${ppid}-${pid}.${kind}`, place);
  return { link: at("link"), local: at("local") };
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
function writeRunFile(root, ppid, run) {
  ensureClosedFolder(runFolder(root));
  replaceFile(runPath(root, ppid, run.pid, "json"), `${JSON.stringify(run)}
`);
}
function removeRunFile(root, ppid, pid) {
  for (const kind of ["json", "door"]) rmSync(runPath(root, ppid, pid, kind), { force: true });
  if (isWindows) return;
  const sockets = socketPaths(root, ppid, pid);
  for (const socket of [sockets.link, sockets.local]) rmSync(socket, { force: true });
}
function listRunFiles(root) {
  return readRunFiles(root, () => true);
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
  return path.join(runFolder(root), `${ppid}-${pid}.${kind}`);
}
function replaceFile(file, text) {
  const temporary = `${file}.tmp`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { flag: "wx", mode: 384 });
  renameSync(temporary, file);
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
    const file = readOwnFile(path.join(runFolder(root), dirent.name));
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
    descriptor = openSync(file, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK));
    const stat = fstatSync(descriptor);
    const isOwn = isWindows || stat.uid === process.getuid?.();
    if (!stat.isFile() || !isOwn || stat.size > MAX_FILE_BYTES) return void 0;
    return { text: readFileSync(descriptor, "utf8"), changedMs: stat.mtimeMs };
  } catch {
    return void 0;
  } finally {
    if (descriptor !== void 0) closeSync(descriptor);
  }
}
function thisMachine() {
  return { platform: process.platform, uid: process.getuid?.() ?? 0, tmp: tmpdir() };
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
import { chmodSync, rmSync as rmSync2 } from "node:fs";
import { connect, createServer } from "node:net";
var MAX_CALLERS = 64;
var REQUEST_TIMEOUT_MS = 5e3;
var MAX_ANSWER_BYTES = LIMITS.frame.maxBytes;
async function serveLocal(path4, handlers, options) {
  ensureSocketFolder(path4);
  const callers = /* @__PURE__ */ new Set();
  const bucket = new TokenBucket(LIMITS.local.requestsPerSecond, LIMITS.local.requestsPerSecond, options.clock.monotonic());
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    if (callers.size >= MAX_CALLERS) return void socket.destroy();
    callers.add(socket);
    socket.once("close", () => callers.delete(socket));
    void serveCaller(socket, handlers, bucket, options);
  });
  await listen(server, path4);
  return { stop: () => stop(server, callers) };
}
function callLocal(path4, request, options) {
  return new Promise((resolve) => {
    const socket = connect(path4);
    const timer = options.timeoutMs === void 0 ? void 0 : options.clock.after(options.timeoutMs, onTimeout);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}
`));
    socket.once("error", (error) => settle(failure("unreachable", `no server answers at ${path4} (${messageOf(error)})`)));
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
async function serveCaller(socket, handlers, bucket, options) {
  const line = await firstLine(socket, options.clock);
  if (socket.destroyed) return;
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  const send = (value) => void (socket.writable && socket.write(`${JSON.stringify(value)}
`));
  const context = { signal: gone.signal, sendItem: (item) => send({ item: item ?? null }) };
  const answer = bucket.take(options.clock.monotonic()) ? await answerTo(line, handlers, context, options) : failure("limit-exceeded", `more than ${LIMITS.local.requestsPerSecond} requests in a second; try again`);
  send(answer);
  socket.end();
}
function firstLine(socket, clock) {
  return new Promise((resolve) => {
    const timer = clock.after(REQUEST_TIMEOUT_MS, () => socket.destroy());
    const done = (line) => {
      timer.cancel();
      resolve(line);
    };
    socket.once("close", () => done(void 0));
    readLines(socket, LIMITS.local.requestBytes, done);
  });
}
async function answerTo(line, handlers, context, options) {
  if (line === void 0) return failure("limit-exceeded", `a request has at most ${LIMITS.local.requestBytes} bytes`);
  const method = parseObject(line)?.["method"];
  if (typeof method !== "string") return failure("argument-invalid", 'a request is one line: {"method": \u2026, "params": {\u2026}}');
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : void 0;
  if (handler === void 0) return failure("argument-invalid", `this server has no method ${JSON.stringify(method.slice(0, 64))}`);
  try {
    return { ok: await handler(parseObject(line)?.["params"] ?? {}, context) ?? null };
  } catch (thrown) {
    if (thrown instanceof MeshError) return failure(thrown.code, thrown.message);
    options.onError?.(method, thrown);
    return failure("internal", `${method} failed by a bug of this program; its log has the details`);
  }
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
async function listen(server, path4) {
  try {
    await bind(server, path4);
  } catch (thrown) {
    if (systemCode(thrown) !== "EADDRINUSE" || process.platform === "win32" || await isAnswered(path4)) throw inUse(path4, thrown);
    rmSync2(path4, { force: true });
    await bind(server, path4);
  }
  if (process.platform !== "win32") chmodSync(path4, 384);
}
function bind(server, path4) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path4, () => {
      server.off("error", reject);
      server.on("error", () => {
      });
      resolve();
    });
  });
}
function inUse(path4, cause) {
  return new MeshError("unreachable", `cannot listen on ${path4} (${messageOf(cause)})`, { cause });
}
function isAnswered(path4) {
  return new Promise((resolve) => {
    const socket = connect(path4);
    const settle = (isLive) => {
      socket.destroy();
      resolve(isLive);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", (error) => settle(!["ECONNREFUSED", "ENOENT"].includes(systemCode(error) ?? "")));
  });
}
async function stop(server, callers) {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(() => resolve()));
  for (const socket of callers) socket.destroy();
  await closed;
}

// server/src/install/keep.ts
import { homedir } from "node:os";
import path3 from "node:path";

// server/src/install/host-file.ts
import { lstatSync, mkdirSync, readFileSync as readFileSync2, realpathSync, statSync } from "node:fs";
import path2 from "node:path";
import { isDeepStrictEqual } from "node:util";

// node_modules/.pnpm/jsonc-parser@3.3.1/node_modules/jsonc-parser/lib/esm/impl/scanner.js
function createScanner(text, ignoreTrivia = false) {
  const len = text.length;
  let pos = 0, value = "", tokenOffset = 0, token = 16, lineNumber = 0, lineStartOffset = 0, tokenLineStartOffset = 0, prevTokenLineStartOffset = 0, scanError = 0;
  function scanHexDigits(count, exact) {
    let digits = 0;
    let value2 = 0;
    while (digits < count || !exact) {
      let ch = text.charCodeAt(pos);
      if (ch >= 48 && ch <= 57) {
        value2 = value2 * 16 + ch - 48;
      } else if (ch >= 65 && ch <= 70) {
        value2 = value2 * 16 + ch - 65 + 10;
      } else if (ch >= 97 && ch <= 102) {
        value2 = value2 * 16 + ch - 97 + 10;
      } else {
        break;
      }
      pos++;
      digits++;
    }
    if (digits < count) {
      value2 = -1;
    }
    return value2;
  }
  function setPosition(newPosition) {
    pos = newPosition;
    value = "";
    tokenOffset = 0;
    token = 16;
    scanError = 0;
  }
  function scanNumber() {
    let start = pos;
    if (text.charCodeAt(pos) === 48) {
      pos++;
    } else {
      pos++;
      while (pos < text.length && isDigit(text.charCodeAt(pos))) {
        pos++;
      }
    }
    if (pos < text.length && text.charCodeAt(pos) === 46) {
      pos++;
      if (pos < text.length && isDigit(text.charCodeAt(pos))) {
        pos++;
        while (pos < text.length && isDigit(text.charCodeAt(pos))) {
          pos++;
        }
      } else {
        scanError = 3;
        return text.substring(start, pos);
      }
    }
    let end = pos;
    if (pos < text.length && (text.charCodeAt(pos) === 69 || text.charCodeAt(pos) === 101)) {
      pos++;
      if (pos < text.length && text.charCodeAt(pos) === 43 || text.charCodeAt(pos) === 45) {
        pos++;
      }
      if (pos < text.length && isDigit(text.charCodeAt(pos))) {
        pos++;
        while (pos < text.length && isDigit(text.charCodeAt(pos))) {
          pos++;
        }
        end = pos;
      } else {
        scanError = 3;
      }
    }
    return text.substring(start, end);
  }
  function scanString() {
    let result = "", start = pos;
    while (true) {
      if (pos >= len) {
        result += text.substring(start, pos);
        scanError = 2;
        break;
      }
      const ch = text.charCodeAt(pos);
      if (ch === 34) {
        result += text.substring(start, pos);
        pos++;
        break;
      }
      if (ch === 92) {
        result += text.substring(start, pos);
        pos++;
        if (pos >= len) {
          scanError = 2;
          break;
        }
        const ch2 = text.charCodeAt(pos++);
        switch (ch2) {
          case 34:
            result += '"';
            break;
          case 92:
            result += "\\";
            break;
          case 47:
            result += "/";
            break;
          case 98:
            result += "\b";
            break;
          case 102:
            result += "\f";
            break;
          case 110:
            result += "\n";
            break;
          case 114:
            result += "\r";
            break;
          case 116:
            result += "	";
            break;
          case 117:
            const ch3 = scanHexDigits(4, true);
            if (ch3 >= 0) {
              result += String.fromCharCode(ch3);
            } else {
              scanError = 4;
            }
            break;
          default:
            scanError = 5;
        }
        start = pos;
        continue;
      }
      if (ch >= 0 && ch <= 31) {
        if (isLineBreak(ch)) {
          result += text.substring(start, pos);
          scanError = 2;
          break;
        } else {
          scanError = 6;
        }
      }
      pos++;
    }
    return result;
  }
  function scanNext() {
    value = "";
    scanError = 0;
    tokenOffset = pos;
    lineStartOffset = lineNumber;
    prevTokenLineStartOffset = tokenLineStartOffset;
    if (pos >= len) {
      tokenOffset = len;
      return token = 17;
    }
    let code = text.charCodeAt(pos);
    if (isWhiteSpace(code)) {
      do {
        pos++;
        value += String.fromCharCode(code);
        code = text.charCodeAt(pos);
      } while (isWhiteSpace(code));
      return token = 15;
    }
    if (isLineBreak(code)) {
      pos++;
      value += String.fromCharCode(code);
      if (code === 13 && text.charCodeAt(pos) === 10) {
        pos++;
        value += "\n";
      }
      lineNumber++;
      tokenLineStartOffset = pos;
      return token = 14;
    }
    switch (code) {
      // tokens: []{}:,
      case 123:
        pos++;
        return token = 1;
      case 125:
        pos++;
        return token = 2;
      case 91:
        pos++;
        return token = 3;
      case 93:
        pos++;
        return token = 4;
      case 58:
        pos++;
        return token = 6;
      case 44:
        pos++;
        return token = 5;
      // strings
      case 34:
        pos++;
        value = scanString();
        return token = 10;
      // comments
      case 47:
        const start = pos - 1;
        if (text.charCodeAt(pos + 1) === 47) {
          pos += 2;
          while (pos < len) {
            if (isLineBreak(text.charCodeAt(pos))) {
              break;
            }
            pos++;
          }
          value = text.substring(start, pos);
          return token = 12;
        }
        if (text.charCodeAt(pos + 1) === 42) {
          pos += 2;
          const safeLength = len - 1;
          let commentClosed = false;
          while (pos < safeLength) {
            const ch = text.charCodeAt(pos);
            if (ch === 42 && text.charCodeAt(pos + 1) === 47) {
              pos += 2;
              commentClosed = true;
              break;
            }
            pos++;
            if (isLineBreak(ch)) {
              if (ch === 13 && text.charCodeAt(pos) === 10) {
                pos++;
              }
              lineNumber++;
              tokenLineStartOffset = pos;
            }
          }
          if (!commentClosed) {
            pos++;
            scanError = 1;
          }
          value = text.substring(start, pos);
          return token = 13;
        }
        value += String.fromCharCode(code);
        pos++;
        return token = 16;
      // numbers
      case 45:
        value += String.fromCharCode(code);
        pos++;
        if (pos === len || !isDigit(text.charCodeAt(pos))) {
          return token = 16;
        }
      // found a minus, followed by a number so
      // we fall through to proceed with scanning
      // numbers
      case 48:
      case 49:
      case 50:
      case 51:
      case 52:
      case 53:
      case 54:
      case 55:
      case 56:
      case 57:
        value += scanNumber();
        return token = 11;
      // literals and unknown symbols
      default:
        while (pos < len && isUnknownContentCharacter(code)) {
          pos++;
          code = text.charCodeAt(pos);
        }
        if (tokenOffset !== pos) {
          value = text.substring(tokenOffset, pos);
          switch (value) {
            case "true":
              return token = 8;
            case "false":
              return token = 9;
            case "null":
              return token = 7;
          }
          return token = 16;
        }
        value += String.fromCharCode(code);
        pos++;
        return token = 16;
    }
  }
  function isUnknownContentCharacter(code) {
    if (isWhiteSpace(code) || isLineBreak(code)) {
      return false;
    }
    switch (code) {
      case 125:
      case 93:
      case 123:
      case 91:
      case 34:
      case 58:
      case 44:
      case 47:
        return false;
    }
    return true;
  }
  function scanNextNonTrivia() {
    let result;
    do {
      result = scanNext();
    } while (result >= 12 && result <= 15);
    return result;
  }
  return {
    setPosition,
    getPosition: () => pos,
    scan: ignoreTrivia ? scanNextNonTrivia : scanNext,
    getToken: () => token,
    getTokenValue: () => value,
    getTokenOffset: () => tokenOffset,
    getTokenLength: () => pos - tokenOffset,
    getTokenStartLine: () => lineStartOffset,
    getTokenStartCharacter: () => tokenOffset - prevTokenLineStartOffset,
    getTokenError: () => scanError
  };
}
function isWhiteSpace(ch) {
  return ch === 32 || ch === 9;
}
function isLineBreak(ch) {
  return ch === 10 || ch === 13;
}
function isDigit(ch) {
  return ch >= 48 && ch <= 57;
}
var CharacterCodes;
(function(CharacterCodes2) {
  CharacterCodes2[CharacterCodes2["lineFeed"] = 10] = "lineFeed";
  CharacterCodes2[CharacterCodes2["carriageReturn"] = 13] = "carriageReturn";
  CharacterCodes2[CharacterCodes2["space"] = 32] = "space";
  CharacterCodes2[CharacterCodes2["_0"] = 48] = "_0";
  CharacterCodes2[CharacterCodes2["_1"] = 49] = "_1";
  CharacterCodes2[CharacterCodes2["_2"] = 50] = "_2";
  CharacterCodes2[CharacterCodes2["_3"] = 51] = "_3";
  CharacterCodes2[CharacterCodes2["_4"] = 52] = "_4";
  CharacterCodes2[CharacterCodes2["_5"] = 53] = "_5";
  CharacterCodes2[CharacterCodes2["_6"] = 54] = "_6";
  CharacterCodes2[CharacterCodes2["_7"] = 55] = "_7";
  CharacterCodes2[CharacterCodes2["_8"] = 56] = "_8";
  CharacterCodes2[CharacterCodes2["_9"] = 57] = "_9";
  CharacterCodes2[CharacterCodes2["a"] = 97] = "a";
  CharacterCodes2[CharacterCodes2["b"] = 98] = "b";
  CharacterCodes2[CharacterCodes2["c"] = 99] = "c";
  CharacterCodes2[CharacterCodes2["d"] = 100] = "d";
  CharacterCodes2[CharacterCodes2["e"] = 101] = "e";
  CharacterCodes2[CharacterCodes2["f"] = 102] = "f";
  CharacterCodes2[CharacterCodes2["g"] = 103] = "g";
  CharacterCodes2[CharacterCodes2["h"] = 104] = "h";
  CharacterCodes2[CharacterCodes2["i"] = 105] = "i";
  CharacterCodes2[CharacterCodes2["j"] = 106] = "j";
  CharacterCodes2[CharacterCodes2["k"] = 107] = "k";
  CharacterCodes2[CharacterCodes2["l"] = 108] = "l";
  CharacterCodes2[CharacterCodes2["m"] = 109] = "m";
  CharacterCodes2[CharacterCodes2["n"] = 110] = "n";
  CharacterCodes2[CharacterCodes2["o"] = 111] = "o";
  CharacterCodes2[CharacterCodes2["p"] = 112] = "p";
  CharacterCodes2[CharacterCodes2["q"] = 113] = "q";
  CharacterCodes2[CharacterCodes2["r"] = 114] = "r";
  CharacterCodes2[CharacterCodes2["s"] = 115] = "s";
  CharacterCodes2[CharacterCodes2["t"] = 116] = "t";
  CharacterCodes2[CharacterCodes2["u"] = 117] = "u";
  CharacterCodes2[CharacterCodes2["v"] = 118] = "v";
  CharacterCodes2[CharacterCodes2["w"] = 119] = "w";
  CharacterCodes2[CharacterCodes2["x"] = 120] = "x";
  CharacterCodes2[CharacterCodes2["y"] = 121] = "y";
  CharacterCodes2[CharacterCodes2["z"] = 122] = "z";
  CharacterCodes2[CharacterCodes2["A"] = 65] = "A";
  CharacterCodes2[CharacterCodes2["B"] = 66] = "B";
  CharacterCodes2[CharacterCodes2["C"] = 67] = "C";
  CharacterCodes2[CharacterCodes2["D"] = 68] = "D";
  CharacterCodes2[CharacterCodes2["E"] = 69] = "E";
  CharacterCodes2[CharacterCodes2["F"] = 70] = "F";
  CharacterCodes2[CharacterCodes2["G"] = 71] = "G";
  CharacterCodes2[CharacterCodes2["H"] = 72] = "H";
  CharacterCodes2[CharacterCodes2["I"] = 73] = "I";
  CharacterCodes2[CharacterCodes2["J"] = 74] = "J";
  CharacterCodes2[CharacterCodes2["K"] = 75] = "K";
  CharacterCodes2[CharacterCodes2["L"] = 76] = "L";
  CharacterCodes2[CharacterCodes2["M"] = 77] = "M";
  CharacterCodes2[CharacterCodes2["N"] = 78] = "N";
  CharacterCodes2[CharacterCodes2["O"] = 79] = "O";
  CharacterCodes2[CharacterCodes2["P"] = 80] = "P";
  CharacterCodes2[CharacterCodes2["Q"] = 81] = "Q";
  CharacterCodes2[CharacterCodes2["R"] = 82] = "R";
  CharacterCodes2[CharacterCodes2["S"] = 83] = "S";
  CharacterCodes2[CharacterCodes2["T"] = 84] = "T";
  CharacterCodes2[CharacterCodes2["U"] = 85] = "U";
  CharacterCodes2[CharacterCodes2["V"] = 86] = "V";
  CharacterCodes2[CharacterCodes2["W"] = 87] = "W";
  CharacterCodes2[CharacterCodes2["X"] = 88] = "X";
  CharacterCodes2[CharacterCodes2["Y"] = 89] = "Y";
  CharacterCodes2[CharacterCodes2["Z"] = 90] = "Z";
  CharacterCodes2[CharacterCodes2["asterisk"] = 42] = "asterisk";
  CharacterCodes2[CharacterCodes2["backslash"] = 92] = "backslash";
  CharacterCodes2[CharacterCodes2["closeBrace"] = 125] = "closeBrace";
  CharacterCodes2[CharacterCodes2["closeBracket"] = 93] = "closeBracket";
  CharacterCodes2[CharacterCodes2["colon"] = 58] = "colon";
  CharacterCodes2[CharacterCodes2["comma"] = 44] = "comma";
  CharacterCodes2[CharacterCodes2["dot"] = 46] = "dot";
  CharacterCodes2[CharacterCodes2["doubleQuote"] = 34] = "doubleQuote";
  CharacterCodes2[CharacterCodes2["minus"] = 45] = "minus";
  CharacterCodes2[CharacterCodes2["openBrace"] = 123] = "openBrace";
  CharacterCodes2[CharacterCodes2["openBracket"] = 91] = "openBracket";
  CharacterCodes2[CharacterCodes2["plus"] = 43] = "plus";
  CharacterCodes2[CharacterCodes2["slash"] = 47] = "slash";
  CharacterCodes2[CharacterCodes2["formFeed"] = 12] = "formFeed";
  CharacterCodes2[CharacterCodes2["tab"] = 9] = "tab";
})(CharacterCodes || (CharacterCodes = {}));

// node_modules/.pnpm/jsonc-parser@3.3.1/node_modules/jsonc-parser/lib/esm/impl/string-intern.js
var cachedSpaces = new Array(20).fill(0).map((_, index) => {
  return " ".repeat(index);
});
var maxCachedValues = 200;
var cachedBreakLinesWithSpaces = {
  " ": {
    "\n": new Array(maxCachedValues).fill(0).map((_, index) => {
      return "\n" + " ".repeat(index);
    }),
    "\r": new Array(maxCachedValues).fill(0).map((_, index) => {
      return "\r" + " ".repeat(index);
    }),
    "\r\n": new Array(maxCachedValues).fill(0).map((_, index) => {
      return "\r\n" + " ".repeat(index);
    })
  },
  "	": {
    "\n": new Array(maxCachedValues).fill(0).map((_, index) => {
      return "\n" + "	".repeat(index);
    }),
    "\r": new Array(maxCachedValues).fill(0).map((_, index) => {
      return "\r" + "	".repeat(index);
    }),
    "\r\n": new Array(maxCachedValues).fill(0).map((_, index) => {
      return "\r\n" + "	".repeat(index);
    })
  }
};
var supportedEols = ["\n", "\r", "\r\n"];

// node_modules/.pnpm/jsonc-parser@3.3.1/node_modules/jsonc-parser/lib/esm/impl/format.js
function format(documentText, range, options) {
  let initialIndentLevel;
  let formatText;
  let formatTextStart;
  let rangeStart;
  let rangeEnd;
  if (range) {
    rangeStart = range.offset;
    rangeEnd = rangeStart + range.length;
    formatTextStart = rangeStart;
    while (formatTextStart > 0 && !isEOL(documentText, formatTextStart - 1)) {
      formatTextStart--;
    }
    let endOffset = rangeEnd;
    while (endOffset < documentText.length && !isEOL(documentText, endOffset)) {
      endOffset++;
    }
    formatText = documentText.substring(formatTextStart, endOffset);
    initialIndentLevel = computeIndentLevel(formatText, options);
  } else {
    formatText = documentText;
    initialIndentLevel = 0;
    formatTextStart = 0;
    rangeStart = 0;
    rangeEnd = documentText.length;
  }
  const eol = getEOL(options, documentText);
  const eolFastPathSupported = supportedEols.includes(eol);
  let numberLineBreaks = 0;
  let indentLevel = 0;
  let indentValue;
  if (options.insertSpaces) {
    indentValue = cachedSpaces[options.tabSize || 4] ?? repeat(cachedSpaces[1], options.tabSize || 4);
  } else {
    indentValue = "	";
  }
  const indentType = indentValue === "	" ? "	" : " ";
  let scanner = createScanner(formatText, false);
  let hasError = false;
  function newLinesAndIndent() {
    if (numberLineBreaks > 1) {
      return repeat(eol, numberLineBreaks) + repeat(indentValue, initialIndentLevel + indentLevel);
    }
    const amountOfSpaces = indentValue.length * (initialIndentLevel + indentLevel);
    if (!eolFastPathSupported || amountOfSpaces > cachedBreakLinesWithSpaces[indentType][eol].length) {
      return eol + repeat(indentValue, initialIndentLevel + indentLevel);
    }
    if (amountOfSpaces <= 0) {
      return eol;
    }
    return cachedBreakLinesWithSpaces[indentType][eol][amountOfSpaces];
  }
  function scanNext() {
    let token = scanner.scan();
    numberLineBreaks = 0;
    while (token === 15 || token === 14) {
      if (token === 14 && options.keepLines) {
        numberLineBreaks += 1;
      } else if (token === 14) {
        numberLineBreaks = 1;
      }
      token = scanner.scan();
    }
    hasError = token === 16 || scanner.getTokenError() !== 0;
    return token;
  }
  const editOperations = [];
  function addEdit(text, startOffset, endOffset) {
    if (!hasError && (!range || startOffset < rangeEnd && endOffset > rangeStart) && documentText.substring(startOffset, endOffset) !== text) {
      editOperations.push({ offset: startOffset, length: endOffset - startOffset, content: text });
    }
  }
  let firstToken = scanNext();
  if (options.keepLines && numberLineBreaks > 0) {
    addEdit(repeat(eol, numberLineBreaks), 0, 0);
  }
  if (firstToken !== 17) {
    let firstTokenStart = scanner.getTokenOffset() + formatTextStart;
    let initialIndent = indentValue.length * initialIndentLevel < 20 && options.insertSpaces ? cachedSpaces[indentValue.length * initialIndentLevel] : repeat(indentValue, initialIndentLevel);
    addEdit(initialIndent, formatTextStart, firstTokenStart);
  }
  while (firstToken !== 17) {
    let firstTokenEnd = scanner.getTokenOffset() + scanner.getTokenLength() + formatTextStart;
    let secondToken = scanNext();
    let replaceContent = "";
    let needsLineBreak = false;
    while (numberLineBreaks === 0 && (secondToken === 12 || secondToken === 13)) {
      let commentTokenStart = scanner.getTokenOffset() + formatTextStart;
      addEdit(cachedSpaces[1], firstTokenEnd, commentTokenStart);
      firstTokenEnd = scanner.getTokenOffset() + scanner.getTokenLength() + formatTextStart;
      needsLineBreak = secondToken === 12;
      replaceContent = needsLineBreak ? newLinesAndIndent() : "";
      secondToken = scanNext();
    }
    if (secondToken === 2) {
      if (firstToken !== 1) {
        indentLevel--;
      }
      ;
      if (options.keepLines && numberLineBreaks > 0 || !options.keepLines && firstToken !== 1) {
        replaceContent = newLinesAndIndent();
      } else if (options.keepLines) {
        replaceContent = cachedSpaces[1];
      }
    } else if (secondToken === 4) {
      if (firstToken !== 3) {
        indentLevel--;
      }
      ;
      if (options.keepLines && numberLineBreaks > 0 || !options.keepLines && firstToken !== 3) {
        replaceContent = newLinesAndIndent();
      } else if (options.keepLines) {
        replaceContent = cachedSpaces[1];
      }
    } else {
      switch (firstToken) {
        case 3:
        case 1:
          indentLevel++;
          if (options.keepLines && numberLineBreaks > 0 || !options.keepLines) {
            replaceContent = newLinesAndIndent();
          } else {
            replaceContent = cachedSpaces[1];
          }
          break;
        case 5:
          if (options.keepLines && numberLineBreaks > 0 || !options.keepLines) {
            replaceContent = newLinesAndIndent();
          } else {
            replaceContent = cachedSpaces[1];
          }
          break;
        case 12:
          replaceContent = newLinesAndIndent();
          break;
        case 13:
          if (numberLineBreaks > 0) {
            replaceContent = newLinesAndIndent();
          } else if (!needsLineBreak) {
            replaceContent = cachedSpaces[1];
          }
          break;
        case 6:
          if (options.keepLines && numberLineBreaks > 0) {
            replaceContent = newLinesAndIndent();
          } else if (!needsLineBreak) {
            replaceContent = cachedSpaces[1];
          }
          break;
        case 10:
          if (options.keepLines && numberLineBreaks > 0) {
            replaceContent = newLinesAndIndent();
          } else if (secondToken === 6 && !needsLineBreak) {
            replaceContent = "";
          }
          break;
        case 7:
        case 8:
        case 9:
        case 11:
        case 2:
        case 4:
          if (options.keepLines && numberLineBreaks > 0) {
            replaceContent = newLinesAndIndent();
          } else {
            if ((secondToken === 12 || secondToken === 13) && !needsLineBreak) {
              replaceContent = cachedSpaces[1];
            } else if (secondToken !== 5 && secondToken !== 17) {
              hasError = true;
            }
          }
          break;
        case 16:
          hasError = true;
          break;
      }
      if (numberLineBreaks > 0 && (secondToken === 12 || secondToken === 13)) {
        replaceContent = newLinesAndIndent();
      }
    }
    if (secondToken === 17) {
      if (options.keepLines && numberLineBreaks > 0) {
        replaceContent = newLinesAndIndent();
      } else {
        replaceContent = options.insertFinalNewline ? eol : "";
      }
    }
    const secondTokenStart = scanner.getTokenOffset() + formatTextStart;
    addEdit(replaceContent, firstTokenEnd, secondTokenStart);
    firstToken = secondToken;
  }
  return editOperations;
}
function repeat(s, count) {
  let result = "";
  for (let i = 0; i < count; i++) {
    result += s;
  }
  return result;
}
function computeIndentLevel(content, options) {
  let i = 0;
  let nChars = 0;
  const tabSize = options.tabSize || 4;
  while (i < content.length) {
    let ch = content.charAt(i);
    if (ch === cachedSpaces[1]) {
      nChars++;
    } else if (ch === "	") {
      nChars += tabSize;
    } else {
      break;
    }
    i++;
  }
  return Math.floor(nChars / tabSize);
}
function getEOL(options, text) {
  for (let i = 0; i < text.length; i++) {
    const ch = text.charAt(i);
    if (ch === "\r") {
      if (i + 1 < text.length && text.charAt(i + 1) === "\n") {
        return "\r\n";
      }
      return "\r";
    } else if (ch === "\n") {
      return "\n";
    }
  }
  return options && options.eol || "\n";
}
function isEOL(text, offset) {
  return "\r\n".indexOf(text.charAt(offset)) !== -1;
}

// node_modules/.pnpm/jsonc-parser@3.3.1/node_modules/jsonc-parser/lib/esm/impl/parser.js
var ParseOptions;
(function(ParseOptions2) {
  ParseOptions2.DEFAULT = {
    allowTrailingComma: false
  };
})(ParseOptions || (ParseOptions = {}));
function parse(text, errors = [], options = ParseOptions.DEFAULT) {
  let currentProperty = null;
  let currentParent = [];
  const previousParents = [];
  function onValue(value) {
    if (Array.isArray(currentParent)) {
      currentParent.push(value);
    } else if (currentProperty !== null) {
      currentParent[currentProperty] = value;
    }
  }
  const visitor = {
    onObjectBegin: () => {
      const object = {};
      onValue(object);
      previousParents.push(currentParent);
      currentParent = object;
      currentProperty = null;
    },
    onObjectProperty: (name) => {
      currentProperty = name;
    },
    onObjectEnd: () => {
      currentParent = previousParents.pop();
    },
    onArrayBegin: () => {
      const array = [];
      onValue(array);
      previousParents.push(currentParent);
      currentParent = array;
      currentProperty = null;
    },
    onArrayEnd: () => {
      currentParent = previousParents.pop();
    },
    onLiteralValue: onValue,
    onError: (error, offset, length) => {
      errors.push({ error, offset, length });
    }
  };
  visit(text, visitor, options);
  return currentParent[0];
}
function parseTree(text, errors = [], options = ParseOptions.DEFAULT) {
  let currentParent = { type: "array", offset: -1, length: -1, children: [], parent: void 0 };
  function ensurePropertyComplete(endOffset) {
    if (currentParent.type === "property") {
      currentParent.length = endOffset - currentParent.offset;
      currentParent = currentParent.parent;
    }
  }
  function onValue(valueNode) {
    currentParent.children.push(valueNode);
    return valueNode;
  }
  const visitor = {
    onObjectBegin: (offset) => {
      currentParent = onValue({ type: "object", offset, length: -1, parent: currentParent, children: [] });
    },
    onObjectProperty: (name, offset, length) => {
      currentParent = onValue({ type: "property", offset, length: -1, parent: currentParent, children: [] });
      currentParent.children.push({ type: "string", value: name, offset, length, parent: currentParent });
    },
    onObjectEnd: (offset, length) => {
      ensurePropertyComplete(offset + length);
      currentParent.length = offset + length - currentParent.offset;
      currentParent = currentParent.parent;
      ensurePropertyComplete(offset + length);
    },
    onArrayBegin: (offset, length) => {
      currentParent = onValue({ type: "array", offset, length: -1, parent: currentParent, children: [] });
    },
    onArrayEnd: (offset, length) => {
      currentParent.length = offset + length - currentParent.offset;
      currentParent = currentParent.parent;
      ensurePropertyComplete(offset + length);
    },
    onLiteralValue: (value, offset, length) => {
      onValue({ type: getNodeType(value), offset, length, parent: currentParent, value });
      ensurePropertyComplete(offset + length);
    },
    onSeparator: (sep, offset, length) => {
      if (currentParent.type === "property") {
        if (sep === ":") {
          currentParent.colonOffset = offset;
        } else if (sep === ",") {
          ensurePropertyComplete(offset);
        }
      }
    },
    onError: (error, offset, length) => {
      errors.push({ error, offset, length });
    }
  };
  visit(text, visitor, options);
  const result = currentParent.children[0];
  if (result) {
    delete result.parent;
  }
  return result;
}
function findNodeAtLocation(root, path4) {
  if (!root) {
    return void 0;
  }
  let node = root;
  for (let segment of path4) {
    if (typeof segment === "string") {
      if (node.type !== "object" || !Array.isArray(node.children)) {
        return void 0;
      }
      let found = false;
      for (const propertyNode of node.children) {
        if (Array.isArray(propertyNode.children) && propertyNode.children[0].value === segment && propertyNode.children.length === 2) {
          node = propertyNode.children[1];
          found = true;
          break;
        }
      }
      if (!found) {
        return void 0;
      }
    } else {
      const index = segment;
      if (node.type !== "array" || index < 0 || !Array.isArray(node.children) || index >= node.children.length) {
        return void 0;
      }
      node = node.children[index];
    }
  }
  return node;
}
function visit(text, visitor, options = ParseOptions.DEFAULT) {
  const _scanner = createScanner(text, false);
  const _jsonPath = [];
  let suppressedCallbacks = 0;
  function toNoArgVisit(visitFunction) {
    return visitFunction ? () => suppressedCallbacks === 0 && visitFunction(_scanner.getTokenOffset(), _scanner.getTokenLength(), _scanner.getTokenStartLine(), _scanner.getTokenStartCharacter()) : () => true;
  }
  function toOneArgVisit(visitFunction) {
    return visitFunction ? (arg) => suppressedCallbacks === 0 && visitFunction(arg, _scanner.getTokenOffset(), _scanner.getTokenLength(), _scanner.getTokenStartLine(), _scanner.getTokenStartCharacter()) : () => true;
  }
  function toOneArgVisitWithPath(visitFunction) {
    return visitFunction ? (arg) => suppressedCallbacks === 0 && visitFunction(arg, _scanner.getTokenOffset(), _scanner.getTokenLength(), _scanner.getTokenStartLine(), _scanner.getTokenStartCharacter(), () => _jsonPath.slice()) : () => true;
  }
  function toBeginVisit(visitFunction) {
    return visitFunction ? () => {
      if (suppressedCallbacks > 0) {
        suppressedCallbacks++;
      } else {
        let cbReturn = visitFunction(_scanner.getTokenOffset(), _scanner.getTokenLength(), _scanner.getTokenStartLine(), _scanner.getTokenStartCharacter(), () => _jsonPath.slice());
        if (cbReturn === false) {
          suppressedCallbacks = 1;
        }
      }
    } : () => true;
  }
  function toEndVisit(visitFunction) {
    return visitFunction ? () => {
      if (suppressedCallbacks > 0) {
        suppressedCallbacks--;
      }
      if (suppressedCallbacks === 0) {
        visitFunction(_scanner.getTokenOffset(), _scanner.getTokenLength(), _scanner.getTokenStartLine(), _scanner.getTokenStartCharacter());
      }
    } : () => true;
  }
  const onObjectBegin = toBeginVisit(visitor.onObjectBegin), onObjectProperty = toOneArgVisitWithPath(visitor.onObjectProperty), onObjectEnd = toEndVisit(visitor.onObjectEnd), onArrayBegin = toBeginVisit(visitor.onArrayBegin), onArrayEnd = toEndVisit(visitor.onArrayEnd), onLiteralValue = toOneArgVisitWithPath(visitor.onLiteralValue), onSeparator = toOneArgVisit(visitor.onSeparator), onComment = toNoArgVisit(visitor.onComment), onError = toOneArgVisit(visitor.onError);
  const disallowComments = options && options.disallowComments;
  const allowTrailingComma = options && options.allowTrailingComma;
  function scanNext() {
    while (true) {
      const token = _scanner.scan();
      switch (_scanner.getTokenError()) {
        case 4:
          handleError(
            14
            /* ParseErrorCode.InvalidUnicode */
          );
          break;
        case 5:
          handleError(
            15
            /* ParseErrorCode.InvalidEscapeCharacter */
          );
          break;
        case 3:
          handleError(
            13
            /* ParseErrorCode.UnexpectedEndOfNumber */
          );
          break;
        case 1:
          if (!disallowComments) {
            handleError(
              11
              /* ParseErrorCode.UnexpectedEndOfComment */
            );
          }
          break;
        case 2:
          handleError(
            12
            /* ParseErrorCode.UnexpectedEndOfString */
          );
          break;
        case 6:
          handleError(
            16
            /* ParseErrorCode.InvalidCharacter */
          );
          break;
      }
      switch (token) {
        case 12:
        case 13:
          if (disallowComments) {
            handleError(
              10
              /* ParseErrorCode.InvalidCommentToken */
            );
          } else {
            onComment();
          }
          break;
        case 16:
          handleError(
            1
            /* ParseErrorCode.InvalidSymbol */
          );
          break;
        case 15:
        case 14:
          break;
        default:
          return token;
      }
    }
  }
  function handleError(error, skipUntilAfter = [], skipUntil = []) {
    onError(error);
    if (skipUntilAfter.length + skipUntil.length > 0) {
      let token = _scanner.getToken();
      while (token !== 17) {
        if (skipUntilAfter.indexOf(token) !== -1) {
          scanNext();
          break;
        } else if (skipUntil.indexOf(token) !== -1) {
          break;
        }
        token = scanNext();
      }
    }
  }
  function parseString(isValue) {
    const value = _scanner.getTokenValue();
    if (isValue) {
      onLiteralValue(value);
    } else {
      onObjectProperty(value);
      _jsonPath.push(value);
    }
    scanNext();
    return true;
  }
  function parseLiteral() {
    switch (_scanner.getToken()) {
      case 11:
        const tokenValue = _scanner.getTokenValue();
        let value = Number(tokenValue);
        if (isNaN(value)) {
          handleError(
            2
            /* ParseErrorCode.InvalidNumberFormat */
          );
          value = 0;
        }
        onLiteralValue(value);
        break;
      case 7:
        onLiteralValue(null);
        break;
      case 8:
        onLiteralValue(true);
        break;
      case 9:
        onLiteralValue(false);
        break;
      default:
        return false;
    }
    scanNext();
    return true;
  }
  function parseProperty() {
    if (_scanner.getToken() !== 10) {
      handleError(3, [], [
        2,
        5
        /* SyntaxKind.CommaToken */
      ]);
      return false;
    }
    parseString(false);
    if (_scanner.getToken() === 6) {
      onSeparator(":");
      scanNext();
      if (!parseValue()) {
        handleError(4, [], [
          2,
          5
          /* SyntaxKind.CommaToken */
        ]);
      }
    } else {
      handleError(5, [], [
        2,
        5
        /* SyntaxKind.CommaToken */
      ]);
    }
    _jsonPath.pop();
    return true;
  }
  function parseObject2() {
    onObjectBegin();
    scanNext();
    let needsComma = false;
    while (_scanner.getToken() !== 2 && _scanner.getToken() !== 17) {
      if (_scanner.getToken() === 5) {
        if (!needsComma) {
          handleError(4, [], []);
        }
        onSeparator(",");
        scanNext();
        if (_scanner.getToken() === 2 && allowTrailingComma) {
          break;
        }
      } else if (needsComma) {
        handleError(6, [], []);
      }
      if (!parseProperty()) {
        handleError(4, [], [
          2,
          5
          /* SyntaxKind.CommaToken */
        ]);
      }
      needsComma = true;
    }
    onObjectEnd();
    if (_scanner.getToken() !== 2) {
      handleError(7, [
        2
        /* SyntaxKind.CloseBraceToken */
      ], []);
    } else {
      scanNext();
    }
    return true;
  }
  function parseArray() {
    onArrayBegin();
    scanNext();
    let isFirstElement = true;
    let needsComma = false;
    while (_scanner.getToken() !== 4 && _scanner.getToken() !== 17) {
      if (_scanner.getToken() === 5) {
        if (!needsComma) {
          handleError(4, [], []);
        }
        onSeparator(",");
        scanNext();
        if (_scanner.getToken() === 4 && allowTrailingComma) {
          break;
        }
      } else if (needsComma) {
        handleError(6, [], []);
      }
      if (isFirstElement) {
        _jsonPath.push(0);
        isFirstElement = false;
      } else {
        _jsonPath[_jsonPath.length - 1]++;
      }
      if (!parseValue()) {
        handleError(4, [], [
          4,
          5
          /* SyntaxKind.CommaToken */
        ]);
      }
      needsComma = true;
    }
    onArrayEnd();
    if (!isFirstElement) {
      _jsonPath.pop();
    }
    if (_scanner.getToken() !== 4) {
      handleError(8, [
        4
        /* SyntaxKind.CloseBracketToken */
      ], []);
    } else {
      scanNext();
    }
    return true;
  }
  function parseValue() {
    switch (_scanner.getToken()) {
      case 3:
        return parseArray();
      case 1:
        return parseObject2();
      case 10:
        return parseString(true);
      default:
        return parseLiteral();
    }
  }
  scanNext();
  if (_scanner.getToken() === 17) {
    if (options.allowEmptyContent) {
      return true;
    }
    handleError(4, [], []);
    return false;
  }
  if (!parseValue()) {
    handleError(4, [], []);
    return false;
  }
  if (_scanner.getToken() !== 17) {
    handleError(9, [], []);
  }
  return true;
}
function getNodeType(value) {
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "number":
      return "number";
    case "string":
      return "string";
    case "object": {
      if (!value) {
        return "null";
      } else if (Array.isArray(value)) {
        return "array";
      }
      return "object";
    }
    default:
      return "null";
  }
}

// node_modules/.pnpm/jsonc-parser@3.3.1/node_modules/jsonc-parser/lib/esm/impl/edit.js
function setProperty(text, originalPath, value, options) {
  const path4 = originalPath.slice();
  const errors = [];
  const root = parseTree(text, errors);
  let parent = void 0;
  let lastSegment = void 0;
  while (path4.length > 0) {
    lastSegment = path4.pop();
    parent = findNodeAtLocation(root, path4);
    if (parent === void 0 && value !== void 0) {
      if (typeof lastSegment === "string") {
        value = { [lastSegment]: value };
      } else {
        value = [value];
      }
    } else {
      break;
    }
  }
  if (!parent) {
    if (value === void 0) {
      throw new Error("Can not delete in empty document");
    }
    return withFormatting(text, { offset: root ? root.offset : 0, length: root ? root.length : 0, content: JSON.stringify(value) }, options);
  } else if (parent.type === "object" && typeof lastSegment === "string" && Array.isArray(parent.children)) {
    const existing = findNodeAtLocation(parent, [lastSegment]);
    if (existing !== void 0) {
      if (value === void 0) {
        if (!existing.parent) {
          throw new Error("Malformed AST");
        }
        const propertyIndex = parent.children.indexOf(existing.parent);
        let removeBegin;
        let removeEnd = existing.parent.offset + existing.parent.length;
        if (propertyIndex > 0) {
          let previous = parent.children[propertyIndex - 1];
          removeBegin = previous.offset + previous.length;
        } else {
          removeBegin = parent.offset + 1;
          if (parent.children.length > 1) {
            let next = parent.children[1];
            removeEnd = next.offset;
          }
        }
        return withFormatting(text, { offset: removeBegin, length: removeEnd - removeBegin, content: "" }, options);
      } else {
        return withFormatting(text, { offset: existing.offset, length: existing.length, content: JSON.stringify(value) }, options);
      }
    } else {
      if (value === void 0) {
        return [];
      }
      const newProperty = `${JSON.stringify(lastSegment)}: ${JSON.stringify(value)}`;
      const index = options.getInsertionIndex ? options.getInsertionIndex(parent.children.map((p) => p.children[0].value)) : parent.children.length;
      let edit;
      if (index > 0) {
        let previous = parent.children[index - 1];
        edit = { offset: previous.offset + previous.length, length: 0, content: "," + newProperty };
      } else if (parent.children.length === 0) {
        edit = { offset: parent.offset + 1, length: 0, content: newProperty };
      } else {
        edit = { offset: parent.offset + 1, length: 0, content: newProperty + "," };
      }
      return withFormatting(text, edit, options);
    }
  } else if (parent.type === "array" && typeof lastSegment === "number" && Array.isArray(parent.children)) {
    const insertIndex = lastSegment;
    if (insertIndex === -1) {
      const newProperty = `${JSON.stringify(value)}`;
      let edit;
      if (parent.children.length === 0) {
        edit = { offset: parent.offset + 1, length: 0, content: newProperty };
      } else {
        const previous = parent.children[parent.children.length - 1];
        edit = { offset: previous.offset + previous.length, length: 0, content: "," + newProperty };
      }
      return withFormatting(text, edit, options);
    } else if (value === void 0 && parent.children.length >= 0) {
      const removalIndex = lastSegment;
      const toRemove = parent.children[removalIndex];
      let edit;
      if (parent.children.length === 1) {
        edit = { offset: parent.offset + 1, length: parent.length - 2, content: "" };
      } else if (parent.children.length - 1 === removalIndex) {
        let previous = parent.children[removalIndex - 1];
        let offset = previous.offset + previous.length;
        let parentEndOffset = parent.offset + parent.length;
        edit = { offset, length: parentEndOffset - 2 - offset, content: "" };
      } else {
        edit = { offset: toRemove.offset, length: parent.children[removalIndex + 1].offset - toRemove.offset, content: "" };
      }
      return withFormatting(text, edit, options);
    } else if (value !== void 0) {
      let edit;
      const newProperty = `${JSON.stringify(value)}`;
      if (!options.isArrayInsertion && parent.children.length > lastSegment) {
        const toModify = parent.children[lastSegment];
        edit = { offset: toModify.offset, length: toModify.length, content: newProperty };
      } else if (parent.children.length === 0 || lastSegment === 0) {
        edit = { offset: parent.offset + 1, length: 0, content: parent.children.length === 0 ? newProperty : newProperty + "," };
      } else {
        const index = lastSegment > parent.children.length ? parent.children.length : lastSegment;
        const previous = parent.children[index - 1];
        edit = { offset: previous.offset + previous.length, length: 0, content: "," + newProperty };
      }
      return withFormatting(text, edit, options);
    } else {
      throw new Error(`Can not ${value === void 0 ? "remove" : options.isArrayInsertion ? "insert" : "modify"} Array index ${insertIndex} as length is not sufficient`);
    }
  } else {
    throw new Error(`Can not add ${typeof lastSegment !== "number" ? "index" : "property"} to parent of type ${parent.type}`);
  }
}
function withFormatting(text, edit, options) {
  if (!options.formattingOptions) {
    return [edit];
  }
  let newText = applyEdit(text, edit);
  let begin = edit.offset;
  let end = edit.offset + edit.content.length;
  if (edit.length === 0 || edit.content.length === 0) {
    while (begin > 0 && !isEOL(newText, begin - 1)) {
      begin--;
    }
    while (end < newText.length && !isEOL(newText, end)) {
      end++;
    }
  }
  const edits = format(newText, { offset: begin, length: end - begin }, { ...options.formattingOptions, keepLines: false });
  for (let i = edits.length - 1; i >= 0; i--) {
    const edit2 = edits[i];
    newText = applyEdit(newText, edit2);
    begin = Math.min(begin, edit2.offset);
    end = Math.max(end, edit2.offset + edit2.length);
    end += edit2.content.length - edit2.length;
  }
  const editLength = text.length - (newText.length - end) - begin;
  return [{ offset: begin, length: editLength, content: newText.substring(begin, end) }];
}
function applyEdit(text, edit) {
  return text.substring(0, edit.offset) + edit.content + text.substring(edit.offset + edit.length);
}

// node_modules/.pnpm/jsonc-parser@3.3.1/node_modules/jsonc-parser/lib/esm/main.js
var ScanError;
(function(ScanError2) {
  ScanError2[ScanError2["None"] = 0] = "None";
  ScanError2[ScanError2["UnexpectedEndOfComment"] = 1] = "UnexpectedEndOfComment";
  ScanError2[ScanError2["UnexpectedEndOfString"] = 2] = "UnexpectedEndOfString";
  ScanError2[ScanError2["UnexpectedEndOfNumber"] = 3] = "UnexpectedEndOfNumber";
  ScanError2[ScanError2["InvalidUnicode"] = 4] = "InvalidUnicode";
  ScanError2[ScanError2["InvalidEscapeCharacter"] = 5] = "InvalidEscapeCharacter";
  ScanError2[ScanError2["InvalidCharacter"] = 6] = "InvalidCharacter";
})(ScanError || (ScanError = {}));
var SyntaxKind;
(function(SyntaxKind2) {
  SyntaxKind2[SyntaxKind2["OpenBraceToken"] = 1] = "OpenBraceToken";
  SyntaxKind2[SyntaxKind2["CloseBraceToken"] = 2] = "CloseBraceToken";
  SyntaxKind2[SyntaxKind2["OpenBracketToken"] = 3] = "OpenBracketToken";
  SyntaxKind2[SyntaxKind2["CloseBracketToken"] = 4] = "CloseBracketToken";
  SyntaxKind2[SyntaxKind2["CommaToken"] = 5] = "CommaToken";
  SyntaxKind2[SyntaxKind2["ColonToken"] = 6] = "ColonToken";
  SyntaxKind2[SyntaxKind2["NullKeyword"] = 7] = "NullKeyword";
  SyntaxKind2[SyntaxKind2["TrueKeyword"] = 8] = "TrueKeyword";
  SyntaxKind2[SyntaxKind2["FalseKeyword"] = 9] = "FalseKeyword";
  SyntaxKind2[SyntaxKind2["StringLiteral"] = 10] = "StringLiteral";
  SyntaxKind2[SyntaxKind2["NumericLiteral"] = 11] = "NumericLiteral";
  SyntaxKind2[SyntaxKind2["LineCommentTrivia"] = 12] = "LineCommentTrivia";
  SyntaxKind2[SyntaxKind2["BlockCommentTrivia"] = 13] = "BlockCommentTrivia";
  SyntaxKind2[SyntaxKind2["LineBreakTrivia"] = 14] = "LineBreakTrivia";
  SyntaxKind2[SyntaxKind2["Trivia"] = 15] = "Trivia";
  SyntaxKind2[SyntaxKind2["Unknown"] = 16] = "Unknown";
  SyntaxKind2[SyntaxKind2["EOF"] = 17] = "EOF";
})(SyntaxKind || (SyntaxKind = {}));
var parse2 = parse;
var ParseErrorCode;
(function(ParseErrorCode2) {
  ParseErrorCode2[ParseErrorCode2["InvalidSymbol"] = 1] = "InvalidSymbol";
  ParseErrorCode2[ParseErrorCode2["InvalidNumberFormat"] = 2] = "InvalidNumberFormat";
  ParseErrorCode2[ParseErrorCode2["PropertyNameExpected"] = 3] = "PropertyNameExpected";
  ParseErrorCode2[ParseErrorCode2["ValueExpected"] = 4] = "ValueExpected";
  ParseErrorCode2[ParseErrorCode2["ColonExpected"] = 5] = "ColonExpected";
  ParseErrorCode2[ParseErrorCode2["CommaExpected"] = 6] = "CommaExpected";
  ParseErrorCode2[ParseErrorCode2["CloseBraceExpected"] = 7] = "CloseBraceExpected";
  ParseErrorCode2[ParseErrorCode2["CloseBracketExpected"] = 8] = "CloseBracketExpected";
  ParseErrorCode2[ParseErrorCode2["EndOfFileExpected"] = 9] = "EndOfFileExpected";
  ParseErrorCode2[ParseErrorCode2["InvalidCommentToken"] = 10] = "InvalidCommentToken";
  ParseErrorCode2[ParseErrorCode2["UnexpectedEndOfComment"] = 11] = "UnexpectedEndOfComment";
  ParseErrorCode2[ParseErrorCode2["UnexpectedEndOfString"] = 12] = "UnexpectedEndOfString";
  ParseErrorCode2[ParseErrorCode2["UnexpectedEndOfNumber"] = 13] = "UnexpectedEndOfNumber";
  ParseErrorCode2[ParseErrorCode2["InvalidUnicode"] = 14] = "InvalidUnicode";
  ParseErrorCode2[ParseErrorCode2["InvalidEscapeCharacter"] = 15] = "InvalidEscapeCharacter";
  ParseErrorCode2[ParseErrorCode2["InvalidCharacter"] = 16] = "InvalidCharacter";
})(ParseErrorCode || (ParseErrorCode = {}));
function modify(text, path4, value, options) {
  return setProperty(text, path4, value, options);
}
function applyEdits(text, edits) {
  let sortedEdits = edits.slice(0).sort((a, b) => {
    const diff = a.offset - b.offset;
    if (diff === 0) {
      return a.length - b.length;
    }
    return diff;
  });
  let lastModifiedOffset = text.length;
  for (let i = sortedEdits.length - 1; i >= 0; i--) {
    let e = sortedEdits[i];
    if (e.offset + e.length <= lastModifiedOffset) {
      text = applyEdit(text, e);
    } else {
      throw new Error("Overlapping edit");
    }
    lastModifiedOffset = e.offset;
  }
  return text;
}

// server/src/install/host-file.ts
var MAX_BYTES = 64 * 1048576;
var MAX_ATTEMPTS = 5;
var BYTE_ORDER_MARK = "\uFEFF";
var ODD_SHAPE = "has a shape (a name twice, say) that cannot be edited without changing more than was asked for";
var PARSE = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true };
function readHostFile(file) {
  const target = targetOf(file);
  const stat = statOf(target);
  if (stat === void 0) return { file: target, bytes: void 0, content: {}, mode: 384 };
  if (!stat.isFile()) throw refused(target, "is not a file");
  if (stat.size > MAX_BYTES) throw refused(target, `has ${stat.size} bytes, more than such a file should`);
  const bytes = readFileSync2(target);
  return { file: target, bytes, content: parseContent(textOf(bytes, target), target), mode: stat.mode & 511 };
}
function editHostFile(file, edits, now) {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const before = readHostFile(file);
    const wanted = edits(before.content);
    const text = before.bytes === void 0 ? "{}\n" : textOf(before.bytes, before.file);
    const after = withEdits(text, wanted, before.file);
    if (before.bytes === void 0 ? wanted.length === 0 : after === text) return { kind: "unchanged" };
    proveEdit(before, wanted, after);
    const backup = replace(before, after, now);
    if (backup !== void 0) return { kind: "changed", file: before.file, backup: backup === "" ? void 0 : backup };
  }
  throw refused(file, "is being written by another program again and again; close it and try again");
}
function targetOf(file) {
  try {
    return realpathSync(file);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw refused(file, `cannot be reached (${systemCode(thrown) ?? "unknown"})`);
    if (lstatSync(file, { throwIfNoEntry: false })) throw refused(file, "is a link that leads nowhere");
    return path2.resolve(file);
  }
}
function statOf(file) {
  return statSync(file, { throwIfNoEntry: false });
}
function textOf(bytes, file) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused(file, "is not UTF-8 text");
  }
}
function parseContent(text, file) {
  const errors = [];
  const content = parse2(withoutMark(text), errors, PARSE) ?? {};
  const [first] = errors;
  if (first) throw refused(file, `is no valid JSON near character ${first.offset + 1}`);
  if (typeof content !== "object" || content === null || Array.isArray(content)) throw refused(file, "does not hold a JSON object");
  return { ...content };
}
var withoutMark = (text) => text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
function withEdits(text, edits, file) {
  try {
    return edits.reduce((current, edit) => withEdit(current, edit), text);
  } catch {
    throw refused(file, ODD_SHAPE);
  }
}
function withEdit(text, { path: path4, value }) {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const plain = withoutMark(text);
  const source = plain.trim() === "" ? "{}\n" : plain;
  return mark + applyEdits(source, modify(source, [...path4], value, { formattingOptions: formattingOf(source) }));
}
function formattingOf(text) {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  return {
    insertSpaces: !indent.startsWith("	"),
    tabSize: indent.startsWith("	") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n"
  };
}
function proveEdit({ content, file }, edits, text) {
  const expected = edits.reduce((current, { path: path4, value }) => withMember(current, path4, value), content);
  if (!isDeepStrictEqual(parseContent(text, file), expected)) {
    throw refused(file, ODD_SHAPE);
  }
}
function withMember(object, [name, ...rest], value) {
  const [next, ...further] = rest;
  const inner = object[name];
  if (next !== void 0 && value === void 0 && !isObject2(inner)) return object;
  const member = next === void 0 ? value : withMember(isObject2(inner) ? inner : {}, [next, ...further], value);
  if (member !== void 0) return { ...object, [name]: member };
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}
function isObject2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function replace(before, text, now) {
  const { file, bytes, mode } = before;
  if ((mode & 146) === 0) throw refused(file, "is read-only");
  try {
    if (bytes === void 0) mkdirSync(path2.dirname(file), { recursive: true, mode: 448 });
    const backup = bytes === void 0 || now === void 0 ? "" : backupName(file, now);
    if (bytes !== void 0 && backup !== "") replaceDurably(backup, bytes, mode);
    return replaceDurably(file, text, mode, () => isUnchanged(before)) ? backup : void 0;
  } catch (thrown) {
    throw refused(file, `cannot be replaced (${systemCode(thrown) ?? "unknown"})`);
  }
}
function isUnchanged({ file, bytes }) {
  const current = statOf(file) && readFileSync2(file);
  return bytes === void 0 ? current === void 0 : current?.equals(bytes) === true;
}
function backupName(file, now) {
  return `${file}.bak-${now.toISOString().replace(/[-:.]/g, "")}`;
}
function refused(file, why) {
  return new MeshError("host-file", `${file} ${why}; it was left as it is. Mend it, then run the command again`);
}

// server/src/install/entries.ts
var SERVER_KEY = "claude-sym-mesh";
var SERVER_FILE = /[\\/]server[\\/]dist[\\/]server\.mjs$/;
var HOOK_FILE = /[\\/]server[\\/]dist[\\/]hook\.mjs$/;
var PLUGIN_ROOT = /\$\{CLAUDE_PLUGIN_ROOT\}[\\/]*/;
function serverEntryOf(content) {
  const servers = content["mcpServers"];
  const entry = isObject2(servers) ? servers[SERVER_KEY] : void 0;
  if (!isObject2(entry)) return void 0;
  const program = Array.isArray(entry["args"]) ? entry["args"][0] : void 0;
  return {
    program: typeof program === "string" && SERVER_FILE.test(program) ? program : void 0,
    env: isObject2(entry["env"]) ? entry["env"] : {}
  };
}
function editServerEntry(program, env) {
  return { path: ["mcpServers", SERVER_KEY], value: { type: "stdio", command: "node", args: [program], env } };
}
function hooksFor(packageRoot, hooksFile) {
  const withRoot = (value) => {
    if (typeof value === "string") return value.replace(PLUGIN_ROOT, `${packageRoot.replace(/[\\/]+$/, "")}/`);
    if (Array.isArray(value)) return value.map(withRoot);
    return isObject2(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withRoot(member)])) : value;
  };
  const hooks = hooksFile["hooks"];
  return isObject2(hooks) ? Object.fromEntries(Object.entries(hooks).map(([event, groups]) => [event, withRoot(groups)])) : {};
}
function editHooks(content, wanted) {
  const present = isObject2(content["hooks"]) ? content["hooks"] : {};
  const events = /* @__PURE__ */ new Set([...Object.keys(present), ...Object.keys(wanted)]);
  const changed = [...events].flatMap((event) => {
    const groups = present[event];
    if (groups !== void 0 && !Array.isArray(groups)) return [];
    const others = (groups ?? []).flatMap((group) => withoutOurs(group));
    const next = [...others, ...listOf(wanted[event])];
    return JSON.stringify(next) === JSON.stringify(groups ?? []) ? [] : [{ event, next }];
  });
  const left = { ...present, ...Object.fromEntries(changed.map(({ event, next }) => [event, next])) };
  const isEmptied = changed.length > 0 && Object.values(left).every((groups) => Array.isArray(groups) && groups.length === 0);
  if (isEmptied) return [{ path: ["hooks"], value: void 0 }];
  return changed.map(({ event, next }) => ({ path: ["hooks", event], value: next.length === 0 ? void 0 : next }));
}
function hookProgramsOf(content) {
  const hooks = isObject2(content["hooks"]) ? Object.values(content["hooks"]) : [];
  return hooks.flatMap((groups) => listOf(groups).flatMap((group) => handlersOf(group).flatMap((handler) => hookProgram(handler) ?? [])));
}
function withoutOurs(group) {
  const handlers = handlersOf(group);
  const others = handlers.filter((handler) => hookProgram(handler) === void 0);
  if (others.length === handlers.length || !isObject2(group)) return [group];
  return others.length === 0 ? [] : [{ ...group, hooks: others }];
}
function handlersOf(group) {
  return isObject2(group) ? listOf(group["hooks"]) : [];
}
function hookProgram(handler) {
  const program = isObject2(handler) && Array.isArray(handler["args"]) ? handler["args"][0] : void 0;
  return typeof program === "string" && HOOK_FILE.test(program) ? program : void 0;
}
function listOf(value) {
  return Array.isArray(value) ? value : [];
}
var ENABLED = "enabledMcpjsonServers";
function editEnabled(content, isWanted) {
  const present = listOf(content[ENABLED]);
  if (present.includes(SERVER_KEY) === isWanted) return [];
  const next = isWanted ? [...present, SERVER_KEY] : present.filter((name) => name !== SERVER_KEY);
  return [{ path: [ENABLED], value: next.length === 0 ? void 0 : next }];
}

// server/src/install/keep.ts
var PLUGIN = "sym-mesh-channel";
var OPTION = "CLAUDE_PLUGIN_OPTION_GROUP";
var ENTRY_PATH = ["mcpServers", "claude-sym-mesh", "env", OPTION];
function planKeep(context) {
  const { source, root, pluginData } = context;
  const ownFile = path3.join(root, "settings.json");
  const own = { kind: "own", file: ownFile, path: ["group"] };
  if (source !== "default" && source !== "plugin option group" && source !== ownFile) return { kind: "fixed", source };
  if (pluginData !== void 0) return pluginTarget(pluginData) ?? own;
  const hostFolder = context.configFolder ?? path3.join(context.home ?? homedir(), ".claude");
  return entryTarget(context) ?? (context.isShell ? enabledPlugin(hostFolder) : void 0) ?? own;
}
function pluginTarget(pluginData) {
  const folder = path3.resolve(pluginData);
  const name = path3.basename(folder);
  const market = name.startsWith(`${PLUGIN}-`) ? name.slice(PLUGIN.length + 1) : "";
  if (market === "" || market === "inline") return void 0;
  return optionOf(path3.resolve(folder, "../../.."), `${PLUGIN}@${market}`);
}
function keepGroup(target, group) {
  try {
    editHostFile(target.file, () => [{ path: target.path, value: group }]);
    return void 0;
  } catch (thrown) {
    return messageOf(thrown);
  }
}
function parseTarget(value) {
  if (!isObject2(value) || typeof value["file"] !== "string" || !path3.isAbsolute(value["file"])) return void 0;
  const members = value["path"];
  if (!Array.isArray(members) || !members.every((member) => typeof member === "string")) return void 0;
  const [first, id = ""] = members;
  const isOption = members.length === 4 && first === "pluginConfigs" && id.startsWith(`${PLUGIN}@`) && members[2] === "options";
  const { file } = value;
  if (isOption && members[3] === "group") return { kind: "plugin", file, path: ["pluginConfigs", id, "options", "group"] };
  if (members.join("/") === ENTRY_PATH.join("/")) return { kind: "entry", file, path: ENTRY_PATH };
  return members.join("/") === "group" ? { kind: "own", file, path: ["group"] } : void 0;
}
function optionOf(hostFolder, id) {
  return { kind: "plugin", file: path3.join(hostFolder, "settings.json"), path: ["pluginConfigs", id, "options", "group"] };
}
function entryTarget({ source, configFolder, home }) {
  if (source !== "plugin option group") return void 0;
  const file = path3.join(configFolder ?? home ?? homedir(), ".claude.json");
  return serverEntryOf(contentOf(file))?.env[OPTION] === void 0 ? void 0 : { kind: "entry", file, path: ENTRY_PATH };
}
function enabledPlugin(hostFolder) {
  const enabled = contentOf(path3.join(hostFolder, "settings.json"))["enabledPlugins"];
  const ids = isObject2(enabled) ? Object.keys(enabled).filter((id2) => id2.startsWith(`${PLUGIN}@`) && enabled[id2] === true) : [];
  const [id] = ids;
  return ids.length === 1 && id !== void 0 ? optionOf(hostFolder, id) : void 0;
}
function contentOf(file) {
  try {
    return readHostFile(file).content;
  } catch {
    return {};
  }
}

export {
  runFolder,
  socketPaths,
  writeRunFile,
  removeRunFile,
  listRunFiles,
  findRunFileOfParent,
  parseObject,
  serveLocal,
  callLocal,
  readHostFile,
  editHostFile,
  isObject2 as isObject,
  SERVER_KEY,
  serverEntryOf,
  editServerEntry,
  hooksFor,
  editHooks,
  hookProgramsOf,
  editEnabled,
  planKeep,
  keepGroup,
  parseTarget
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
