import {
  _enum,
  array,
  boolean,
  fromBase64Url,
  fromUtf8,
  isLoopbackUrl,
  number,
  optional,
  parseFingerprintPrefix,
  parseRelayRoom,
  parseRelayUrl2 as parseRelayUrl,
  parseWireName,
  relayGroupOf,
  sanitise,
  sha256,
  strictObject,
  string,
  tagged,
  toBase64Url,
  toHex,
  utf8
} from "./cli.shared-3.mjs";
import {
  TokenBucket,
  ensurePrivateFolder,
  ensureSocketFolder,
  readPrivateFile,
  syncPath,
  writePrivateFile
} from "./cli.shared-5.mjs";
import {
  LIMITS,
  MeshError,
  messageOf,
  systemCode
} from "./cli.shared-7.mjs";

// server/src/base/log.ts
var ORDER = ["debug", "info", "warn", "error"];
function createLog(write, least, clock) {
  const bucket = new TokenBucket(LIMITS.log.perSecond, LIMITS.log.perSecond, clock.monotonic());
  let dropped = 0;
  const at = (level) => (event, facts = {}) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
    if (!bucket.take(clock.monotonic())) {
      dropped++;
      return;
    }
    const lost = dropped > 0 ? { dropped } : {};
    dropped = 0;
    write(formatLine(clock.now(), level, event, { ...facts, ...lost }));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
var silentLog = { debug() {
}, info() {
}, warn() {
}, error() {
} };
function formatLine(now, level, event, facts) {
  const pairs = Object.entries(facts).filter(([, value]) => value !== void 0).map(([key, value]) => `${key}=${typeof value === "string" ? JSON.stringify(value) : value}`);
  const line = [new Date(now).toISOString(), level, event, ...pairs].join(" ");
  return escapeLine(line).slice(0, LIMITS.log.lineCharacters);
}
function escapeLine(line) {
  return line.replace(/[^\x20-\x7e]/g, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

// server/src/store/open.ts
import { closeSync, constants as constants2, fchmodSync, fstatSync, openSync } from "node:fs";
import path from "node:path";

// server/src/store/migrations.ts
import { chmodSync, constants, copyFileSync, renameSync } from "node:fs";
function migrate(database, file, migrations) {
  assertUnique(migrations);
  const applied = appliedSteps(database);
  assertKnown(applied, migrations, file);
  const pending = migrations.filter((step) => !applied.has(step.id));
  const [first] = pending;
  if (first === void 0) return;
  if (hasTables(database)) copyAside(database, file, first.id);
  database.transaction(() => {
    database.exec("CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID");
    for (const step of pending) {
      database.exec(step.sql);
      database.run("INSERT INTO migrations (id) VALUES (?)", step.id);
    }
  });
}
function appliedSteps(database) {
  const table = database.get("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'");
  if (table === void 0) return /* @__PURE__ */ new Set();
  return new Set(database.all("SELECT id FROM migrations").map((row) => String(row["id"])));
}
function assertKnown(applied, migrations, file) {
  const known = new Set(migrations.map((step) => step.id));
  const unknown = [...applied].filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw new MeshError(
    "store-unreadable",
    `${file} was written by a newer version (it has ${unknown.join(", ")}); update this program, or move the file away to start empty`
  );
}
function hasTables(database) {
  return database.get("SELECT 1 AS one FROM sqlite_schema LIMIT 1") !== void 0;
}
function copyAside(database, file, id) {
  if (database.get("PRAGMA wal_checkpoint(TRUNCATE)")?.["busy"] !== 0) {
    throw new MeshError("store-unreadable", `${file} is open in another program; close that one and start again`, { retryable: true });
  }
  const temporary = `${file}.before-${id}.tmp`;
  copyFileSync(file, temporary, constants.COPYFILE_FICLONE);
  chmodSync(temporary, 384);
  syncPath(temporary);
  renameSync(temporary, `${file}.before-${id}`);
}
function assertUnique(migrations) {
  const ids = migrations.map((step) => step.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== void 0) throw new MeshError("internal", `migration ${twice} is listed twice`);
}

// server/src/store/driver.ts
var PRAGMAS = ["synchronous=FULL", "foreign_keys=ON", "journal_size_limit=8388608"];

// server/src/store/node-sqlite.ts
var NODE_PRAGMAS = ["busy_timeout=2000", "journal_mode=WAL", "fullfsync=ON", ...PRAGMAS];
function hasNodeSqlite(nodeVersion) {
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  return major > 22 || major === 22 && minor >= 13;
}
async function openNodeSqlite(file) {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file);
  try {
    for (const pragma of NODE_PRAGMAS) database.exec(`PRAGMA ${pragma}`);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return {
    name: "node",
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run(parameters) {
          const { changes, lastInsertRowid } = statement.run(...parameters.map(toBinding));
          return { rows: Number(changes), lastId: Number(lastInsertRowid) };
        },
        all: (parameters) => statement.all(...parameters.map(toBinding)),
        // Node finalises it when it is collected, and the rest at close.
        finalize() {
        }
      };
    },
    close: () => database.close()
  };
}
function toBinding(value) {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

// server/src/store/sqlite.ts
var CACHED_STATEMENTS = 200;
var SqliteDatabase = class {
  #driver;
  #statements = /* @__PURE__ */ new Map();
  #queue = [];
  #rollbackListeners = [];
  #depth = 0;
  #isClosed = false;
  constructor(driver) {
    this.#driver = driver;
  }
  exec(sql) {
    this.#assertOpen();
    this.#driver.exec(sql);
  }
  run(sql, ...parameters) {
    return this.#use(sql, parameters, (statement) => statement.run(parameters)).rows;
  }
  insert(sql, ...parameters) {
    const { rows, lastId } = this.#use(sql, parameters, (statement) => statement.run(parameters));
    return rows > 0 ? lastId : void 0;
  }
  get(sql, ...parameters) {
    return this.all(sql, ...parameters)[0];
  }
  all(sql, ...parameters) {
    return this.#use(sql, parameters, (statement) => statement.all(parameters));
  }
  transaction(work) {
    this.#assertOpen();
    return this.#depth > 0 ? this.#savepoint(work) : this.#outermost(work);
  }
  write(work) {
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const perform = () => whenDone(resolve, runToEnd(work));
      const performGuarded = () => {
        try {
          return whenDone(resolve, this.#savepoint(work));
        } catch (thrown) {
          if (thrown instanceof LostTransaction) throw thrown;
          return () => reject(thrown);
        }
      };
      this.#queue.push({ perform, performGuarded, reject });
      if (this.#queue.length === 1) setImmediate(() => this.#flush());
    });
  }
  onRollback(listener) {
    this.#rollbackListeners.push(listener);
  }
  close() {
    if (this.#isClosed) return;
    if (this.#depth > 0) throw new MeshError("internal", "the database cannot be closed inside a transaction");
    this.#flush();
    this.#isClosed = true;
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#driver.close();
  }
  /** Commits what waits and tells the callers in their order; when the commit fails, all of them fail with it. */
  #flush() {
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length === 0) return;
    try {
      for (const answer of this.#performAll(batch)) answer();
    } catch (thrown) {
      for (const pending of batch) pending.reject(thrown);
    }
  }
  #performAll(batch) {
    try {
      return this.#outermost(() => batch.map(({ perform }) => perform()));
    } catch (thrown) {
      if (batch.length === 1) throw thrown;
      return this.#outermost(() => batch.map(({ performGuarded }) => performGuarded()));
    }
  }
  #outermost(work) {
    this.#control("BEGIN IMMEDIATE");
    this.#depth = 1;
    try {
      const result = runToEnd(work);
      this.#control("COMMIT");
      return result;
    } catch (thrown) {
      this.#tryExec("ROLLBACK");
      this.#tellRollback();
      throw thrown instanceof LostTransaction ? thrown.cause : thrown;
    } finally {
      this.#depth = 0;
    }
  }
  #savepoint(work) {
    const name = `s${this.#depth}`;
    this.#control(`SAVEPOINT ${name}`);
    this.#depth++;
    try {
      const result = runToEnd(work);
      this.#control(`RELEASE ${name}`);
      return result;
    } catch (thrown) {
      if (thrown instanceof LostTransaction) throw thrown;
      if (!this.#tryExec(`ROLLBACK TO ${name}`) || !this.#tryExec(`RELEASE ${name}`)) throw new LostTransaction(thrown);
      this.#tellRollback();
      throw thrown;
    } finally {
      this.#depth--;
    }
  }
  #tellRollback() {
    for (const listener of this.#rollbackListeners) listener();
  }
  /** BEGIN and its kin come with every message: prepared once, like any other statement. */
  #control(sql) {
    this.#use(sql, [], (statement) => statement.run([]));
  }
  #tryExec(sql) {
    try {
      this.#driver.exec(sql);
      return true;
    } catch {
      return false;
    }
  }
  #use(sql, parameters, call) {
    this.#assertOpen();
    for (const value of parameters) assertStorable(value);
    const statement = this.#statements.get(sql) ?? this.#driver.prepare(sql);
    this.#statements.delete(sql);
    try {
      const result = call(statement);
      this.#keep(sql, statement);
      return result;
    } catch (thrown) {
      statement.finalize();
      throw thrown;
    }
  }
  /** The most recently used stay; whoever builds SQL texts without end must not fill the memory. */
  #keep(sql, statement) {
    this.#statements.set(sql, statement);
    if (this.#statements.size <= CACHED_STATEMENTS) return;
    for (const [oldest, old] of this.#statements) {
      this.#statements.delete(oldest);
      old.finalize();
      return;
    }
  }
  #assertOpen() {
    if (this.#isClosed) throw closedError();
  }
};
var LostTransaction = class extends Error {
  cause;
  constructor(cause) {
    super("the transaction is gone");
    this.cause = cause;
  }
};
function whenDone(resolve, value) {
  return () => resolve(value);
}
function runToEnd(work) {
  const result = work();
  if (result instanceof Promise) throw new MeshError("internal", "the work of a transaction must not be asynchronous");
  return result;
}
function assertStorable(value) {
  if (typeof value !== "string" || !value.includes("\0")) return;
  throw new MeshError("argument-invalid", "a text with U+0000 cannot be stored; store it as bytes or as JSON");
}
function closedError() {
  return new MeshError("closed", "the store is closed; start again");
}

// server/src/store/wasm-sqlite.ts
import { rmdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
var WASM_PRAGMAS = ["locking_mode=EXCLUSIVE", "journal_mode=WAL", ...PRAGMAS];
async function openWasmSqlite(file) {
  const { Database } = await loadModule();
  removeStaleLock(`${file}.lock`);
  const database = new Database(file);
  try {
    for (const pragma of WASM_PRAGMAS) database.exec(`PRAGMA ${pragma}`);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return {
    name: "wasm",
    exec: (sql) => database.exec(sql),
    prepare: (sql) => wrap(database.prepare(sql)),
    close: () => database.close()
  };
}
var WASM_FLAGS = ["--liftoff-only", "--wasm-lazy-compilation"];
async function loadModule() {
  for (const flag of WASM_FLAGS) setFlagsFromString(flag);
  const module = await import("./sqlite-wasm.mjs");
  return module.default ?? module;
}
function wrap(statement) {
  return {
    run(parameters) {
      const { changes, lastInsertRowid } = statement.run([...parameters]);
      return { rows: changes, lastId: Number(lastInsertRowid) };
    },
    // To the end, also where one row is wanted: a statement stopped half way keeps its read lock.
    all: (parameters) => statement.all([...parameters]).map(toRow),
    finalize() {
      try {
        statement.finalize();
      } catch {
      }
    }
  };
}
function toRow(result) {
  if (isRow(result)) return result;
  throw new MeshError("internal", "a stored integer is larger than 2^53; store it as text");
}
function isRow(result) {
  for (const column in result) if (!isValue(result[column])) return false;
  return true;
}
function isValue(value) {
  return value === null || typeof value === "string" || typeof value === "number" || value instanceof Uint8Array;
}
function removeStaleLock(folder) {
  try {
    rmdirSync(folder);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
  }
}

// server/src/store/open.ts
async function openDatabase(file, migrations, options = {}) {
  ensurePrivateFolder(path.dirname(file));
  try {
    makePrivate(file);
    const driver = await openDriver(file, options.driver ?? defaultDriver());
    return prepared(driver, file, migrations);
  } catch (thrown) {
    throw thrown instanceof MeshError ? thrown : unreadable(file, thrown);
  }
}
function defaultDriver(nodeVersion = process.versions.node) {
  return hasNodeSqlite(nodeVersion) ? "node" : "wasm";
}
function openDriver(file, name) {
  return name === "node" ? openNodeSqlite(file) : openWasmSqlite(file);
}
function prepared(driver, file, migrations) {
  const database = new SqliteDatabase(driver);
  try {
    migrate(database, file, migrations);
    syncPath(path.dirname(file));
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
function makePrivate(file) {
  const follow = process.platform === "win32" ? 0 : constants2.O_NOFOLLOW;
  const descriptor = openSync(file, constants2.O_RDWR | constants2.O_CREAT | follow, 384);
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error("it is not a file");
    if (process.platform !== "win32") fchmodSync(descriptor, 384);
  } finally {
    closeSync(descriptor);
  }
}
function unreadable(file, thrown) {
  const message = `${file} cannot be read (${messageOf(thrown)}). It was left as it is: restore a copy, or move it away to start empty`;
  return new MeshError("store-unreadable", message, { cause: thrown });
}

// server/src/app/settings.ts
import { readFileSync } from "node:fs";
import os from "node:os";
import path3 from "node:path";

// server/src/discovery/static.ts
import { isIPv6 } from "node:net";
var MAX_PEERS = 64;
var HOST = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i;
var STOCK = "stock:";
function parseStaticPeers(text) {
  const entries = text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  if (entries.length > MAX_PEERS)
    throw new MeshError("settings-invalid", `SYM_PEERS names ${entries.length} peers; at most ${MAX_PEERS} are allowed`);
  const peers = entries.map(parseEntry);
  return [...new Map(peers.map((peer) => [nameOf(peer), peer])).values()];
}
function createStaticDiscovery(peers) {
  const candidates = peers.map(candidateOf);
  let events;
  const tellAll = () => {
    for (const candidate of candidates) events?.onFound(candidate);
  };
  return {
    start: async (_announcement, listener) => {
      events = listener;
      tellAll();
    },
    update() {
    },
    refresh: tellAll,
    health: () => ({ problem: void 0 }),
    stop: async () => {
      events = void 0;
    }
  };
}
function parseEntry(text) {
  const entry = /^stock:.+:/.test(text) ? text.slice(STOCK.length) : text;
  const [, bracketed, plain, digits = ""] = /^(?:\[([^\]]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(entry) ?? [];
  const host = bracketed ?? plain ?? "";
  const port = Number(digits);
  const isHost = bracketed === void 0 ? HOST.test(host) : isIPv6(host);
  if (!isHost || port < 1 || port > 65535) {
    throw new MeshError(
      "settings-invalid",
      `SYM_PEERS: ${JSON.stringify(text)} is no host:port (an IPv6 address goes in brackets: [fe80::1]:4000)`
    );
  }
  return { kind: "lan", host, port, ...entry === text ? {} : { dialect: "stock" } };
}
function candidateOf(peer) {
  const { kind, host, port, dialect } = peer;
  const candidate = { source: "static", id: `static:${nameOf(peer)}`, nodeId: void 0, groups: void 0 };
  return { ...candidate, addresses: [{ kind, host, port }], ...dialect === void 0 ? {} : { dialect } };
}
function nameOf({ host, port, dialect }) {
  return `${dialect === void 0 ? "" : STOCK}${host.toLowerCase()}:${port}`;
}

// server/src/mcp/attention.ts
var MODES = ["push", "inbox", "off"];
var WAKE_WISHES = ["directed", "all", "off"];
var USUAL_ATTENTION = {
  mode: "push",
  isDoNotDisturb: false,
  mutes: { peers: [], kinds: [], groups: [] },
  wake: "directed"
};

// server/src/mmp/cmb.ts
var FIELD_NAMES = ["focus", "issue", "intent", "motivation", "commitment", "perspective", "mood"];
var NEUTRAL = "neutral";

// server/src/memory/lexicon.ts
var GRAMMAR = words(`
  a about above after again against all almost already also although always am an and another any anybody anyone anything are around as at away
  be because been before behind being below best better between both but by can cannot could did do does doing done down during each either
  else enough even ever every everybody everyone everything except far few first for from full further gave get gets getting give given gives go
  goes going gone got had half has have having he hence her here him his how however i if in instead into is it its itself just keep keeps kept
  know known last least less let lets like likely lot made make makes making many may maybe me might mine more most much must my myself near
  nearly neither never next no nobody none nor not nothing now of off often on once one only onto or other others our out over own per perhaps
  probably put quite rather really same say says second see seem seems seen several shall she should show shows since so some somebody someone
  something sometimes soon still such take taken takes than that the their them themselves then there therefore these they thing things this those
  though through thus till to together too toward towards twice two three under unless until up upon us use used uses using usually very via want
  wants was way we well went were what when whenever where whether which while who whole whom whose why will with within without would yet you
  your yours ago yesterday today tomorrow please heads ok okay yes hi thanks re ve ll don doesn isn aren wasn weren hasn haven won t s d m
`);
var COMMON = words(`
  add added adds app application artifact ask back bad based big branch bug build built bump bumped case cause caused causes change changed changes
  check checked clean client close closed code come comes commit component computer correct count current customer customers data date day days default
  delete deploy deployed different do doc docs document done drop dropped drops end entry error errors every exact expect expected fail failed fails
  failing failure feature file files find fine finish fix fixed fixes follow force form found four good green group grow hand happen happens hard
  help high hold holds hour hours id idea image implement implemented important intent issue item items job key kind large late later lead left line
  lines list load local long look looks lose low main merge merged merges message method minute minutes miss missing mode model month move moved
  name need needed needs new next night note number off office old open order out package page pages part pass passed people place plan point pr
  problem process prod product production project push quick ran rate read ready real reason red reads release released remove removed replace
  replaced report reports request requests rerun restart result results return returns review right root row rows run running runs save script seconds
  section send sends sent server service set sets settings share ship shipped side simple size slow small sort source split staging start started
  starts state step steps still stop stopped stops support sure system table task team tell tenant test tested tests text thing think ticket tickets
  time times title todo tool total track tried try trying turn type types typo update updated upgrade upgraded upgrading user users value verified
  verify version wait waiting waits week weeks work worker working works worse write writes written wrong year hour line app's
`);
var SHORT_FORMS = new Map(
  `a11y accessibility|accessibilty accessibility|admin administration|api interface|arg argument|args arguments|async asynchronous|attr attribute
   auth authentication|authn authentication|authz authorization|btn button|cert certificate|certs certificates|cfg configuration|cmd command|coll
   collection|conf configuration|config configuration|configs configurations|conn connection|conns connections|ctx context|cur current|db database|dbs
   databases|del delete|dep dependency|deps dependencies|desc description|dev development|dir directory|dirs directories|dist distribution|dup
   duplicate|dups duplicates|elem element|env environment|envs environments|err error|errs errors|evt event|exec execute|expr expression|fn function
   freq frequency|func function|fwd forward|gha github actions|gql graphql|hw hardware|i18n internationalization|idx index|impl implementation|info
   information|init initialize|ip address|iter iterator|js javascript|k8s kubernetes|kube kubernetes|l10n localization|lang language|lib library|libs
   libraries|loc location|log4j log4j|max maximum|mem memory|mgmt management|mgr manager|mid middle|min minimum|misc miscellaneous|ms milliseconds|msg
   message|msgs messages|nav navigation|num number|obj object|objs objects|oom memory|oomkilled memory kill|op operation|ops operations|opt option|opts
   options|org organization|param parameter|params parameters|perf performance|perm permission|perms permissions|pg postgres|pgsql postgres|pkg
   package|pkgs packages|postgresql postgres|pref preference|prefs preferences|prev previous|proc process|prog program|proto protocol|pwd password|pw
   password|py python|qa quality|ref reference|refs references|regex expression|repo repository|repos repositories|req request|reqs requests|res
   response|resp response|sec second|secs seconds|sig signature|spec test|specs tests|srv server|std standard|str string|svc service|svcs
   services|sync synchronize|sys system|tbl table|temp temporary|tf terraform|tmp temporary|ts typescript|txn transaction|tx transaction|tz
   timezone|ui interface|util utility|utils utilities|val value|var variable|vars variables|ver version|vm machine|w3c w3c|ws websocket|sse
   stream|xhr request|yml yaml|e2e end-to-end test|signin login|signup register|logon login|lockfile lock|db's database|websockets websocket`.replace(/\s*\n\s*/g, " ").split("|").flatMap((pair) => {
    const [short, ...long2] = pair.trim().split(" ");
    return short && long2.length > 0 ? [[short, long2.join(" ")]] : [];
  })
);
var SUBJECTS = `
  payment charge acquirer card checkout refund billing invoice merchant stripe paypal ledger voucher coupon price pricing paid payer vat tax accounting
  retry backoff jitter resend reconnect attempt idempotent idempotency breaker
  timeout deadline latency slow p50 p95 p99 hang stall lag delay throughput performance benchmark profile flamegraph bottleneck
  throttle limit limiter quota 429 burst window budget
  test flaky playwright cypress jest vitest pytest selenium assertion fixture mock snapshot coverage locator
  ci pipeline workflow github actions gitlab jenkins runner job artifact cache
  database sql query postgres mysql sqlite table column row index migration schema alter transaction orm replica vacuum backfill insert select join
  lock mutex deadlock race concurrent semaphore contention goroutine thread atomic blocked starvation
  memory leak heap oom rss garbage allocation retained snapshot gc
  websocket socket connection subscription disconnect gateway stream frame keepalive
  kubernetes pod container docker helm chart replica node cluster deployment kubectl image
  bundle webpack esbuild vite rollup chunk import treeshake minify gzip javascript module metafile
  authentication login logout jwt token session oauth sso password credential cookie claim bearer refresh signin authorization
  clock skew ntp chrony timezone utc gmt iso timestamp midnight daylight
  ios iphone swift xcode xctest crashlytics cocoa uikit apple testflight persistent
  android kotlin gradle apk java jvm maven spring
  kafka topic consumer producer partition offset broker rebalance poll queue rabbitmq sqs nats event
  css theme contrast color colour palette dark style layout font token tailwind design
  accessibility wcag aria axe nvda jaws voiceover screenreader blind focus tabindex keyboard announce
  search elasticsearch lucene solr analyzer synonym ranking relevance ndcg suggestion autocomplete
  terraform infrastructure pulumi ansible cloudformation provision apply drift backend state
  aws s3 bucket presigned upload multipart lambda ec2 iam cloudfront dynamodb route53
  rust cargo crate borrow lifetime clippy tokio lexer parser token ast
  go golang goroutine channel pprof panic defer
  python pandas numpy parquet pyarrow spark dataframe etl warehouse notebook airflow dtype
  flag rollout experiment variant bucket canary feature percentage sticky
  graphql resolver dataloader schema mutation federation n+1
  redis memcached ttl expire incr lua eviction key
  cache stale invalidate hit warm cached
  mail email smtp spf dkim dmarc spam inbox deliverability bounce newsletter
  react hook component render jsx redux vue angular svelte props usestate
  training loss gradient epoch checkpoint gpu cuda batch nan overflow inference model precision fp16 bf16
  tls ssl certificate handshake https x509 cipher
  dns domain record resolver nameserver txt cname
  network firewall proxy nginx port ingress loadbalancer packet route vpn
  version semver lockfile dependency npm pnpm yarn peer upgrade major registry
  typescript type interface generic compiler tsc strict
  lint eslint biome prettier format rule
  git rebase commit cherry conflict bisect revert
  permission role policy acl grant access forbidden 403 401
  encryption cipher key signature sign hash secret vault
  alert monitor metric prometheus grafana dashboard pager oncall incident outage trace opentelemetry log
  crash panic exception stacktrace segfault abort core fatal
  file disk filesystem directory path mount enospc inode
  http status header response 500 502 503 504 413 cors rest endpoint
  json yaml xml csv encoding utf unicode charset parse serialize
  browser chrome safari firefox dom button click overlay page viewport
  schedule scheduler cron job worker lease nightly queue dequeue
  analytics conversion funnel churn dashboard revenue
`.trim().split("\n").map((line) => line.trim().split(/\s+/));
function words(text) {
  return new Set(text.trim().split(/\s+/));
}

// server/src/memory/stem.ts
function stem(word) {
  if (word.length < 4 || new RegExp("\\P{L}", "u").test(word)) return word;
  return ending(participle(plural(word)));
}
function plural(word) {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) && !word.endsWith("is") ? word.slice(0, -1) : word;
}
function participle(word) {
  const root = /^(.{2,}?)(?:ing|ed)$/.exec(word)?.[1];
  if (root === void 0 || !/[aeiouy]/.test(root) || root.length < 3 && word.endsWith("ed")) return word;
  return /([bdfgmnprt])\1$/.test(root) ? root.slice(0, -1) : root;
}
function ending(word) {
  const root = word.replace(/(?<=.{4})(?:ations?|ators?)$/, "at").replace(/(?<=.{3}[st])ion$/, "").replace(/(?<=.{4})(?:ment|ness|ly)$/, "");
  const bare = /(?<=.{3})e$/.test(root) ? root.slice(0, -1) : root;
  return bare.endsWith("y") ? `${bare.slice(0, -1)}i` : bare;
}

// server/src/memory/features.ts
var MAX_TERMS = 400;
var WEIGHT = { rare: 1, common: 0.3, code: 2, number: 0.5, digit: 0.1, joined: 1, pair: 0.15, start: 0.35, subject: 0.5 };
function featuresOf(text) {
  const features = /* @__PURE__ */ new Map();
  const add = (feature, weight) => void features.set(feature, Math.max(features.get(feature) ?? 0, weight));
  let before;
  for (const term of termsOf(text)) {
    const root = term.root;
    add(root, term.weight);
    if (term.joined) add(term.joined, WEIGHT.joined);
    if (root.length >= START + 2 && !term.isNumber) add(`^${root.slice(0, START)}`, WEIGHT.start * Math.min(1, term.weight));
    if (before !== void 0) add(`${before}${root}`, WEIGHT.pair);
    for (const subject of lexicon().subjectsOf.get(root) ?? []) add(`#${subject}`, WEIGHT.subject);
    before = root;
  }
  return features;
}
function rootsOf(text) {
  return new Set(termsOf(text).map(({ root }) => root));
}
var START = 5;
var NAME = /[\p{L}\p{N}]+(?:[._/:'’-]+[\p{L}\p{N}]+)*/gu;
var THOUSANDS = /(?<=\d),(?=\d{3}(?!\d))/g;
function termsOf(text) {
  const terms = [];
  for (const [name] of text.normalize("NFKC").replace(THOUSANDS, "").matchAll(NAME)) {
    for (const piece of name.split(/[/:]+/)) terms.push(...termsOfName(piece));
    if (terms.length >= MAX_TERMS) break;
  }
  return terms.slice(0, MAX_TERMS);
}
var VERSION = /^v?\d+(?:\.\d+)+$/i;
var FILE_ENDING = /\.(?:[cm]?[jt]sx?|json|ya?ml|toml|py|go|rs|rb|java|kt|swift|sql|md|css|scss|html|sh|csv|txt)$/i;
function termsOfName(name) {
  if (VERSION.test(name)) return [{ root: name.replace(/^v/i, ""), weight: WEIGHT.rare, isNumber: true }];
  const parts = partsOf(name.replace(FILE_ENDING, "").replace(/['’](?:s|t|re|ve|ll|d|m)$/i, ""));
  const isCode = new RegExp("[_]|\\p{Ll}\\p{Lu}|\\p{Lu}{4}", "u").test(name) || FILE_ENDING.test(name);
  const terms = parts.flatMap((part) => termOf(part, isCode) ?? []);
  const last = terms.at(-1);
  if (last === void 0 || terms.length < 2) return terms;
  return [...terms.slice(0, -1), { ...last, joined: terms.map(({ root }) => root).join("") }];
}
function partsOf(name) {
  return name.match(new RegExp("\\p{Lu}+(?!\\p{Ll})|\\p{Lu}?\\p{Ll}+|\\p{Lo}+|\\p{N}+", "gu"))?.flatMap((part) => long(part.toLowerCase())) ?? [];
}
function long(word) {
  return SHORT_FORMS.get(word)?.split(/[ -]/) ?? [word];
}
function termOf(word, isCode) {
  if (new RegExp("^\\p{N}+$", "u").test(word)) return { root: word, weight: word.length < 2 ? WEIGHT.digit : WEIGHT.number, isNumber: true };
  if (word.length < 2 || GRAMMAR.has(word)) return void 0;
  const root = stem(word);
  const usual = COMMON.has(word) || lexicon().commonRoots.has(root) ? WEIGHT.common : WEIGHT.rare;
  return { root, weight: isCode ? usual * WEIGHT.code : usual, isNumber: false };
}
var made;
function lexicon() {
  made ??= { commonRoots: new Set([...COMMON].map(stem)), subjectsOf: subjectsByRoot() };
  return made;
}
function subjectsByRoot() {
  const found2 = /* @__PURE__ */ new Map();
  SUBJECTS.forEach((subject, number2) => {
    for (const word of subject) for (const part of long(word)) found2.set(stem(part), [...found2.get(stem(part)) ?? [], number2]);
  });
  return found2;
}

// server/src/memory/interests.ts
var INTEREST_KINDS = ["kind", "topic", "path", "peer", "group"];
var NO_INTERESTS = { follow: [], ignore: [] };
function parseInterest(text) {
  const [, name, value] = /^([a-z]+):\s*(\S(?:.*\S)?)\s*$/.exec(text) ?? [];
  const kind = INTEREST_KINDS.find((one) => one === name);
  if (kind === void 0 || value === void 0) return void 0;
  if (kind === "peer" && !/^[0-9a-f]{8,64}$/.test(value)) return void 0;
  return { kind, value };
}
function describeInterest({ kind, value }) {
  return `${kind}:${value}`;
}
function findInterest(interests, subject) {
  return interests.find((interest) => isAbout(interest, subject));
}
function spokenText(fields) {
  return FIELD_NAMES.map((name) => fields[name].text).filter((text) => text !== NEUTRAL).join("\n");
}
var PATH = /[\p{L}\p{N}_.@-]+(?:\/[\p{L}\p{N}_.@-]+)+|[\p{L}\p{N}_-]{3,}\.[\p{L}\p{N}.]{1,12}/gu;
var EVERYWHERE = /^(?:index|main|mod|init|package|readme|changelog|license|dockerfile|makefile|tsconfig|types|utils|test)\b/i;
function pathsIn(text) {
  const found2 = (text.match(PATH) ?? []).map((path4) => path4.replace(/\.+$/, ""));
  return new Set(found2.filter((path4) => path4.length >= 5 && /[\p{L}]/u.test(path4) && (path4.includes("/") || isFileName(path4))));
}
function isFileName(name) {
  return /\.[a-z][a-z0-9]{0,4}$/i.test(name) && !EVERYWHERE.test(name);
}
function isAbout({ kind, value }, { fields, tags, group, from }) {
  switch (kind) {
    case "kind":
      return tags.includes(value);
    case "topic":
      return hasTopic(spokenText(fields), value);
    case "path":
      return [...pathsIn(spokenText(fields))].some((path4) => path4 === value || path4.startsWith(`${value.replace(/\/$/, "")}/`));
    case "peer":
      return from.startsWith(value);
    case "group":
      return group === value;
  }
}
function hasTopic(text, topic) {
  const [wanted, there] = [rootsOf(topic), rootsOf(text)];
  return wanted.size > 0 && [...wanted].every((root) => there.has(root));
}

// server/src/mesh/allowlist.ts
var MIN_DIGITS = 16;
function parseAllowlist(text) {
  const entries = text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  if (entries.length === 0) return void 0;
  if (entries.length > LIMITS.trust.allowedPeers) throw invalid(`it has more than ${LIMITS.trust.allowedPeers} entries`);
  const prefixes = entries.flatMap((entry) => parseFingerprintPrefix(entry) ?? []);
  const names = entries.filter((entry) => parseFingerprintPrefix(entry) === void 0);
  const short = prefixes.find((prefix) => prefix.length < MIN_DIGITS);
  if (short !== void 0) throw invalid(`${short} is too short for a fingerprint; give at least ${MIN_DIGITS} digits`);
  const wrong = names.find((name) => parseWireName(name) !== name);
  if (wrong !== void 0) throw invalid(`${JSON.stringify(wrong.slice(0, 80))} is neither a name nor a fingerprint`);
  return { names: new Set(names), prefixes };
}
function listsKey({ prefixes }, key) {
  return prefixes.some((prefix) => key.startsWith(prefix));
}
function invalid(why) {
  return new MeshError("settings-invalid", `${why}. The list is names and fingerprints, separated by commas`);
}

// server/src/mesh/rates.ts
var DEFAULT_RATES = {
  linkFramesPerSecond: LIMITS.link.framesPerSecond,
  linkFramesBurst: LIMITS.link.framesBurst,
  linkBytesPerSecond: LIMITS.link.bytesPerSecond,
  linkBytesBurst: LIMITS.link.bytesBurst,
  cmbsPerMinute: LIMITS.cmb.perMinute,
  cmbsBurst: LIMITS.cmb.burst,
  cmbsPerDay: LIMITS.cmb.perDay,
  handshakesPerAddressPerMinute: LIMITS.handshake.perAddressPerMinute,
  sendsPerMinute: LIMITS.tool.sendsPerMinute,
  contextItemsPerMinute: LIMITS.context.overall.itemsPerMinute,
  contextTokensPerMinute: LIMITS.context.overall.tokensPerMinute,
  wakesPerMinute: LIMITS.wake.perMinute,
  wakesPerHour: LIMITS.wake.perHour,
  wakesPerDay: LIMITS.wake.perDay
};

// server/src/mmp/group.ts
var KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
function parseGroupName(text) {
  return text.length <= LIMITS.group.nameCharacters && KEBAB.test(text) ? text : void 0;
}
function parseGroupValue(text) {
  return isPrivateValue(text) ? text : parseGroupName(text);
}
function isPrivateValue(text) {
  const [label = "", digits = "", ...more] = text.split(":");
  return more.length === 0 && /^[0-9a-f]{12}$/.test(digits) && label.length <= LIMITS.privateGroup.labelCharacters && KEBAB.test(label);
}
function parseGroupId(text) {
  return /^[0-9a-f]{32}$/.test(text) ? text : void 0;
}
function privateValue(label, id) {
  return `${label}:${id.slice(0, 12)}`;
}
function privateRoom(id) {
  return `private:${id}`;
}
function serviceTypeOf(group) {
  return group === "default" ? "_sym._tcp" : `_${group}._tcp`;
}

// server/src/transport/socket.ts
import { chmodSync as chmodSync2, rmSync } from "node:fs";
import net from "node:net";

// server/src/mmp/framing.ts
var PREFIX_BYTES = 4;
function encodeFrame(payload) {
  if (payload.length === 0) throw new MeshError("frame-invalid", "a frame cannot be empty");
  if (payload.length > LIMITS.frame.maxBytes) {
    throw new MeshError("frame-too-large", `a frame of ${payload.length} bytes is over the limit of ${LIMITS.frame.maxBytes}`);
  }
  const frame = new Uint8Array(PREFIX_BYTES + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length);
  frame.set(payload, PREFIX_BYTES);
  return frame;
}
var FrameDecoder = class {
  #maxBytes;
  #buffer = new Uint8Array();
  #start = 0;
  #end = 0;
  #isOwnBuffer = false;
  #failure;
  constructor(maxBytes = LIMITS.frame.maxBytes) {
    this.#maxBytes = maxBytes;
  }
  /** The largest payload accepted from now on. */
  setMaxBytes(bytes) {
    this.#maxBytes = bytes;
  }
  /** Bytes held that are no whole frame yet. */
  get buffered() {
    return this.#end - this.#start;
  }
  /** The frames that are whole now; a failure comes last and again on every later call. */
  push(chunk) {
    if (this.#failure === void 0) this.#append(chunk);
    return this.#drain();
  }
  *#drain() {
    for (let step = this.#next(); step !== void 0; step = this.#next()) {
      yield step;
      if (step.kind === "failed") return;
    }
  }
  #next() {
    if (this.#failure !== void 0) return { kind: "failed", rule: this.#failure };
    if (this.buffered < PREFIX_BYTES) return void 0;
    const length = new DataView(this.#buffer.buffer, this.#buffer.byteOffset).getUint32(this.#start);
    if (length === 0) return this.#fail("frame-invalid");
    if (length > this.#maxBytes) return this.#fail("frame-too-large");
    if (this.buffered < PREFIX_BYTES + length) return void 0;
    const from = this.#start + PREFIX_BYTES;
    this.#start = from + length;
    return { kind: "frame", payload: this.#buffer.subarray(from, this.#start) };
  }
  #fail(rule) {
    this.#failure = rule;
    this.#buffer = new Uint8Array();
    this.#start = this.#end = 0;
    return { kind: "failed", rule };
  }
  /**
   * A chunk that finds nothing waiting is used in place. Otherwise bytes are gathered in a buffer that doubles; what was
   * written is never written again, so that payloads can be views of it.
   */
  #append(chunk) {
    if (chunk.length === 0) return;
    if (this.buffered === 0) this.#adopt(chunk);
    else this.#gather(chunk);
  }
  #gather(chunk) {
    if (!this.#isOwnBuffer || this.#end + chunk.length > this.#buffer.length) this.#grow(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }
  #adopt(chunk) {
    this.#buffer = chunk;
    this.#start = 0;
    this.#end = chunk.length;
    this.#isOwnBuffer = false;
  }
  #grow(more) {
    const held = this.buffered;
    const larger = new Uint8Array(2 * (held + more));
    larger.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = larger;
    this.#start = 0;
    this.#end = held;
    this.#isOwnBuffer = true;
  }
};

// server/src/transport/stream.ts
var FLUSH_MS = 2e3;
var KEEP_ALIVE_MS = 1e3;
var PREFIX_BYTES2 = 4;
var NOTHING = new Uint8Array();
var StreamConnection = class {
  kind;
  direction;
  remote;
  #socket;
  #deps;
  #decoder = new FrameDecoder(LIMITS.handshake.frameBytes);
  #events;
  #isPaused = false;
  #isDelivering = false;
  #isCorked = false;
  /** The stream ended by itself; what had arrived is still delivered. */
  #isEnded = false;
  #reason;
  #isTold = false;
  /** The socket must not have been read from, and must be paused. */
  constructor(socket, options, deps) {
    this.kind = options.kind;
    this.direction = options.direction;
    this.remote = options.remote;
    this.#socket = socket;
    this.#deps = deps;
    if (options.kind === "lan") socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("error", () => {
    });
    socket.once("close", () => {
      this.#isEnded = true;
      this.#deliver(NOTHING);
    });
  }
  start(events) {
    if (this.#events !== void 0) throw new MeshError("internal", "a connection was started twice");
    this.#events = events;
    this.#socket.on("data", (chunk) => this.#deliver(chunk));
    queueMicrotask(() => this.#continue());
  }
  get buffered() {
    return this.#socket.writableLength;
  }
  send(payload) {
    const bytes = payload.length + PREFIX_BYTES2;
    const isOver = this.#reason !== void 0 || !this.#socket.writable;
    if (isOver || this.buffered + bytes > LIMITS.link.outboundBytes) return false;
    this.#cork();
    this.#socket.write(encodeFrame(payload));
    return true;
  }
  pause() {
    this.#isPaused = true;
    this.#socket.pause();
  }
  resume() {
    this.#isPaused = false;
    queueMicrotask(() => this.#continue());
  }
  setMaxFrameBytes(bytes) {
    this.#decoder.setMaxBytes(bytes);
  }
  close(isAbrupt = false) {
    this.#finish("local", isAbrupt);
  }
  #continue() {
    this.#tell();
    if (this.#events === void 0 || this.#isPaused) return;
    this.#deliver(NOTHING);
    if (!this.#isPaused && this.#reason === void 0) this.#socket.resume();
  }
  /** Hands out what is whole. Also runs for no new bytes: after a pause, and when the stream has ended. */
  #deliver(chunk) {
    if (this.#reason !== void 0) return;
    const frames = this.#decoder.push(chunk);
    if (this.#isDelivering || this.#isPaused || this.#events === void 0) return;
    this.#isDelivering = true;
    for (const result of frames) {
      if (result.kind === "failed") this.#finish(result.rule, true);
      else this.#hand(result.payload);
      if (this.#isPaused || this.#reason !== void 0) break;
    }
    this.#isDelivering = false;
    if (this.#isEnded && !this.#isPaused) this.#finish("remote", true);
  }
  #hand(payload) {
    this.#deps.guard.run("frame", () => this.#events?.onFrame(payload));
  }
  /** All frames of one tick leave in one system call. */
  #cork() {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }
  #finish(reason, isAbrupt) {
    if (this.#reason !== void 0) return;
    this.#reason = reason;
    if (isAbrupt) this.#break();
    else this.#flush();
    queueMicrotask(() => this.#tell());
  }
  #tell() {
    if (this.#isTold || this.#reason === void 0 || this.#events === void 0) return;
    this.#isTold = true;
    const reason = this.#reason;
    this.#deps.guard.run("close", () => this.#events?.onClose(reason));
  }
  /** A reset says at once that there is nothing more to come and keeps no state here; only TCP has it. */
  #break() {
    if (this.kind === "lan" && !this.#isEnded) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
  #flush() {
    const timer = this.#deps.clock.after(FLUSH_MS, () => this.#socket.destroy());
    this.#socket.once("close", () => timer.cancel());
    this.#socket.end();
    this.#socket.removeAllListeners("data");
    this.#socket.resume();
  }
};

// server/src/transport/socket.ts
var ANY_HOST = "::";
var ANY_HOST_4 = "0.0.0.0";
var NO_IPV6 = ["EAFNOSUPPORT", "EADDRNOTAVAIL"];
var MAX_SOCKETS = LIMITS.accept.links + LIMITS.accept.halfOpen;
function createSocketTransport(deps) {
  return {
    listen: (at, onConnection) => listen(at, onConnection, deps),
    dial: (to, signal) => dial(to, signal, deps)
  };
}
function normalizeAddress(address) {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}
async function listen(at, onConnection, deps) {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    const options = { kind: at.kind, direction: "inbound", remote: remoteOf(socket, at) };
    const connection = new StreamConnection(socket, options, deps);
    deps.guard.run("accept", () => onConnection(connection));
  });
  server.maxConnections = MAX_SOCKETS;
  const address = at.kind === "lan" ? await listenOnPort(server, at.host, at.port) : await listenOnPath(server, at.path);
  server.on("error", () => {
  });
  return { address, stop: async () => void server.close() };
}
async function listenOnPort(server, host, port) {
  try {
    await bind(server, host === ANY_HOST ? { port } : { host, port });
  } catch (thrown) {
    if (host !== ANY_HOST || !NO_IPV6.includes(systemCode(thrown) ?? "")) throw unreachable(`cannot listen on ${host} port ${port}`, thrown);
    return listenOnPort(server, ANY_HOST_4, port);
  }
  return { kind: "lan", host, port: portOf(server.address()) };
}
async function listenOnPath(server, path4) {
  ensureSocketFolder(path4);
  try {
    await bind(server, { path: path4 });
  } catch (thrown) {
    if (systemCode(thrown) !== "EADDRINUSE" || !await isStale(path4)) throw unreachable(`cannot listen on ${path4}`, thrown);
    rmSync(path4, { force: true });
    await bind(server, { path: path4 });
  }
  if (process.platform !== "win32") chmodSync2(path4, 384);
  return { kind: "machine", path: path4 };
}
function bind(server, options) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
function isStale(path4) {
  if (process.platform === "win32") return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = net.connect({ path: path4 });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (thrown) => resolve(["ECONNREFUSED", "ENOENT"].includes(systemCode(thrown) ?? "")));
  });
}
function portOf(address) {
  if (address === null || typeof address === "string") throw new MeshError("internal", "a TCP listener has no port");
  return address.port;
}
function dial(to, signal, deps) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(stopped());
    const socket = open(to);
    const giveUp = (error) => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => giveUp(stopped());
    const onError = (thrown) => giveUp(unreachable(`${nameOf2(to)} cannot be reached`, thrown));
    const onConnect = () => {
      settle();
      socket.pause();
      resolve(new StreamConnection(socket, { kind: to.kind, direction: "outbound", remote: remoteOf(socket, to) }, deps));
    };
    const seconds = LIMITS.link.dialTimeoutMs / 1e3;
    const timer = deps.clock.after(LIMITS.link.dialTimeoutMs, () => {
      giveUp(new MeshError("timeout", `${nameOf2(to)} did not answer within ${seconds} seconds`, { retryable: true }));
    });
    const settle = () => {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
      socket.off("connect", onConnect);
      socket.off("error", onError);
      socket.on("error", () => {
      });
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", onConnect);
    socket.once("error", onError);
  });
}
function open(to) {
  try {
    return to.kind === "lan" ? net.connect({ host: to.host, port: to.port }) : net.connect({ path: to.path });
  } catch (thrown) {
    throw unreachable(`${nameOf2(to)} is no address`, thrown);
  }
}
function remoteOf(socket, address) {
  if (address.kind === "machine") return "local";
  return normalizeAddress(socket.remoteAddress ?? "unknown");
}
function nameOf2(address) {
  if (address.kind === "machine") return address.path;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
function unreachable(what, cause) {
  return new MeshError("unreachable", `${what}: ${messageOf(cause)}`, { cause, retryable: true });
}
function stopped() {
  return new MeshError("closed", "dialing was stopped");
}

// server/src/app/person-file.ts
import path2 from "node:path";
var MAX_TRIES = 5;
function personFile(root) {
  return path2.join(root, "settings.json");
}
function changePersonFile(root, change) {
  const file = personFile(root);
  ensurePrivateFolder(root);
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const before = readPrivateFile(file);
    const own = parse(file, before);
    const next = change(own);
    if (next === own) return;
    if (!isSame(before, readPrivateFile(file))) continue;
    return writePrivateFile(file, `${JSON.stringify(next, null, 2)}
`);
  }
  throw new MeshError("timeout", `${file} is being changed by another program; try again`, { retryable: true });
}
function parse(file, bytes) {
  const text = bytes === void 0 ? "" : fromUtf8(bytes)?.replace(/^\ufeff/, "");
  if (text?.trim() === "") return {};
  try {
    const value = JSON.parse(text ?? "");
    if (isObject(value)) return value;
  } catch {
  }
  throw new MeshError("settings-invalid", `${file} does not read as a JSON object; it was left as it is. Repair it, and try again`);
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isSame(a, b) {
  return a === void 0 || b === void 0 ? a === b : a.equals(b);
}

// server/src/mmp/secrets.ts
var SHAPES = [
  { kind: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----[^-]{0,400}?([A-Za-z0-9+/=]{40})/g },
  { kind: "a key of a cloud", pattern: /(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])/g },
  { kind: "a key of a cloud", pattern: /(?<![\w-])(AIza[\w-]{35})(?![\w-])/g },
  { kind: "a key of a cloud", pattern: /secret_?access_?key["']?\s{0,4}[=:]\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi },
  { kind: "a key of a cloud", pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36})/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(github_pat_\w{60})/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(glpat-[\w-]{20})/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(xox[abeprs]-[\w-]{20})/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(npm_[A-Za-z0-9]{36})(?![A-Za-z0-9])/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(hf_[A-Za-z0-9]{34})(?![A-Za-z0-9])/g },
  { kind: "an access token", pattern: /(?<![A-Za-z0-9])(dop_v1_[0-9a-f]{64})/g },
  { kind: "an API key", pattern: /(?<![A-Za-z0-9])([sr]k_live_[A-Za-z0-9]{20})/g },
  { kind: "an API key", pattern: /(?<![A-Za-z0-9-])(sk-(?:[a-z]{3,12}\d{0,2}-){1,3}[\w-]{32})/g },
  { kind: "an API key", pattern: /(?<![A-Za-z0-9-])(sk-[A-Za-z0-9]{48})/g },
  { kind: "an API key", pattern: /(?<![A-Za-z0-9])(SG\.[\w-]{22}\.[\w-]{43})/g },
  { kind: "a signed token", pattern: /(?<![\w-])(eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20})/g },
  { kind: "a bearer token", pattern: /(?<![A-Za-z])bearer["']?[\s:]{1,4}["']?([\w.~+/-]{24,2000})/gi },
  { kind: "an invite that lets its holder in", pattern: /sym:\/\/join#v1\.[\w-]/gi },
  { kind: "an invite with a token", pattern: /sym:\/\/[^\s"'<>]{1,1024}[?&]token=[^&\s"'<>]/gi }
];
var ANY_SHAPE = new RegExp(SHAPES.map(({ pattern }) => pattern.source).join("|"), "i");
function looksRandom(text) {
  const hasBoth = /\d/.test(text) && /[A-Za-z]/.test(text);
  return hasBoth && new Set(text).size >= 10 && !/example|placeholder|your[_-]/i.test(text);
}
function findSecret(text) {
  const visible = sanitise(text).text;
  if (!ANY_SHAPE.test(visible)) return void 0;
  const found2 = SHAPES.find(
    ({ pattern }) => [...visible.matchAll(pattern)].some(([, random]) => random === void 0 || looksRandom(random))
  );
  return found2?.kind;
}
function demandNoSecret(where, text) {
  const kind = findSecret(text);
  if (kind === void 0) return;
  throw new MeshError(
    "secret-refused",
    `${where} seems to hold ${kind}; nothing was sent. Leave it out, and say where it is kept instead. If a peer asked for it, tell the user`
  );
}

// server/src/app/sharing.ts
function joinShares(...shares) {
  const isShared = (what) => {
    const words2 = shares.map((share2) => share2?.[what]);
    return words2.includes(true) && !words2.includes(false);
  };
  return { folder: isShared("folder"), branch: isShared("branch"), files: isShared("files") };
}
function describeShare({ folder, branch, files }) {
  const shared = [folder ? "folder" : "", branch ? "branch" : "", files ? "edited files" : ""].filter((what) => what !== "");
  return shared.length === 0 ? "nothing of the project is told over the network" : `peers are told ${shared.join(", ")}`;
}

// server/src/app/settings.ts
var MAX_MUTES = 256;
var positive = number().positive().finite();
var share = strictObject({ folder: boolean().optional(), branch: boolean().optional(), files: boolean().optional() });
var projectFile = strictObject({ name: string().optional(), group: string().optional(), share: optional(share) });
var listOf = (entry) => array(entry).max(MAX_MUTES).optional();
var mutes = strictObject({
  peers: listOf(
    string().transform((text) => text.replaceAll(" ", "").toLowerCase()).refine((text) => /^[0-9a-f]{8,64}$/.test(text), "a fingerprint is expected, at least 8 of its digits")
  ),
  kinds: listOf(string().max(64)),
  groups: listOf(string().max(128))
});
var relay = strictObject({ url: string(), token: string().optional(), fromLink: boolean().optional() });
var kept = strictObject({ days: positive.optional(), megabytes: positive.optional() });
var settingsFile = strictObject({
  group: string().optional(),
  mode: _enum(MODES).optional(),
  dnd: boolean().optional(),
  mutes: optional(mutes),
  wake: _enum(WAKE_WISHES).optional(),
  share: optional(share),
  relay: optional(relay),
  follow: array(string().max(200)).max(64).optional(),
  ignore: array(string().max(200)).max(64).optional(),
  memory: optional(kept),
  rates: strictObject(Object.fromEntries(Object.keys(DEFAULT_RATES).map((name) => [name, positive.optional()]))).optional()
});
function readSettings(env, cwd) {
  const faults = [];
  const fault = (text) => void faults.push(text);
  const variable = (name) => found(env[name], name);
  const project = variable("CLAUDE_PROJECT_DIR");
  const folder = project?.text ?? cwd;
  const shared = readProjectFile(folder, fault);
  const root = rootFolder(env);
  const own = readJson(personFile(root.value), settingsFile, fault);
  const group = [
    variable("SYM_GROUP"),
    found(shared?.value.group, shared?.file ?? ""),
    found(env["CLAUDE_PLUGIN_OPTION_GROUP"], "plugin option group"),
    found(own?.group, personFile(root.value))
  ].find((candidate) => candidate !== void 0);
  const url = variable("SYM_RELAY_URL") ?? found(env["CLAUDE_PLUGIN_OPTION_RELAY_URL"], "plugin option relay_url") ?? found(own?.relay?.url, personFile(root.value));
  const isRelayFromLink = own?.relay?.fromLink === true && url?.source === personFile(root.value);
  const ownToken = found(own?.relay?.token, personFile(root.value));
  const token = isRelayFromLink ? ownToken : variable("SYM_RELAY_TOKEN") ?? found(env["CLAUDE_PLUGIN_OPTION_RELAY_TOKEN"], "plugin option relay_token") ?? (own?.relay?.fromLink === true ? void 0 : ownToken);
  const settings = {
    root,
    project: { value: folder, source: project?.source ?? "working directory" },
    nodeName: readNodeName(variable("SYM_NODE_NAME"), fault),
    projectName: shared?.value.name ? { value: shared.value.name, source: shared.file } : { value: path3.basename(folder) || "project", source: "folder name" },
    group: readGroup(group, fault),
    serviceType: readServiceType(variable("SYM_SERVICE_TYPE"), fault),
    peers: readPeers(variable("SYM_PEERS"), fault),
    listen: readListen(variable("SYM_LISTEN"), fault),
    allowedPeers: readAllowedPeers(variable("SYM_ALLOWED_PEERS"), fault),
    isDebug: variable("SYM_DEBUG") !== void 0,
    sessionId: found(env["CLAUDE_CODE_SESSION_ID"], "")?.text,
    rates: { ...DEFAULT_RATES, ...definedOnly(own?.rates ?? {}) },
    interests: interestsOf(own, fault),
    retention: own?.memory ?? {},
    share: joinShares(own?.share, shared?.value.share),
    projectShare: shared?.value.share ?? {},
    attention: attentionOf(own, readMode(variable("SYM_MODE"), fault)),
    relay: readRelay(url, token, isRelayFromLink, fault),
    isRelayFromLink,
    relayTokenSource: token?.source ?? ""
  };
  if (faults.length > 0)
    throw new MeshError("settings-invalid", `The mesh cannot start with these settings:
${faults.map((line) => `  ${line}`).join("\n")}`);
  return settings;
}
function rootFolder(env) {
  const given = found(env["SYM_STATE_DIR"], "SYM_STATE_DIR");
  if (given) return { value: path3.resolve(given.text), source: given.source };
  return { value: path3.join(found(env["HOME"], "HOME")?.text ?? os.homedir(), ".sym"), source: "default" };
}
function found(text, source) {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" || /^\$\{[^}]*\}$/.test(trimmed) ? void 0 : { text: trimmed, source };
}
function interestsOf(own, fault) {
  return { follow: readInterests(own?.follow, fault), ignore: readInterests(own?.ignore, fault) };
}
function readInterests(texts, fault) {
  return (texts ?? []).flatMap((text) => {
    const interest = parseInterest(text);
    const kinds = INTEREST_KINDS.map((kind) => `${kind}:`).join(" ");
    if (!interest)
      fault(`settings.json: ${JSON.stringify(text.slice(0, 80))} cannot be followed or ignored. It begins with one of ${kinds}`);
    return interest ?? [];
  });
}
function readGroup(given, fault) {
  const group = parseGroupValue(given?.text ?? "default");
  if (group) return { value: group, source: given?.source ?? "default" };
  fault(
    `${given?.source}: ${JSON.stringify(given?.text.slice(0, 80))} is no group name. Use lowercase letters, digits and single dashes, like backend-team`
  );
  return readGroup(void 0, fault);
}
function readNodeName(given, fault) {
  const isFolderName = given !== void 0 && !/[/\\\0:*?"<>|]/.test(given.text) && !given.text.startsWith(".");
  if (given && (!isFolderName || !parseWireName(given.text))) {
    fault(
      `${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no node name. Use letters, digits and dashes, at most 64 bytes, no / or leading dot`
    );
  }
  return { value: given?.text, source: given?.source ?? "default" };
}
function readMode(given, fault) {
  const mode = MODES.find((one) => one === given?.text);
  if (given && mode === void 0)
    fault(`${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no mode. There are ${MODES.join(", ")}`);
  return mode;
}
function readServiceType(given, fault) {
  if (given && !/^_[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\._tcp$/.test(given.text)) {
    fault(`${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no service type. It looks like _sym._tcp`);
  }
  return { value: given?.text, source: given?.source ?? "default" };
}
function readPeers(given, fault) {
  try {
    parseStaticPeers(given?.text ?? "");
  } catch (thrown) {
    fault(`${given?.source}: ${messageOf(thrown)}`);
  }
  return { value: given?.text ?? "", source: given?.source ?? "default" };
}
function readAllowedPeers(given, fault) {
  try {
    return { value: parseAllowlist(given?.text ?? ""), source: given?.source ?? "default" };
  } catch (thrown) {
    fault(`${given?.source}: ${messageOf(thrown)}`);
    return { value: void 0, source: "default" };
  }
}
function readRelay(given, token, isFromLink, fault) {
  if (!given) return { value: void 0, source: "default" };
  const parsed = parseRelayUrl(given.text);
  if (parsed.kind === "refused") fault(`${given.source}: ${parsed.why}`);
  const value = parsed.kind === "ok" ? { url: parsed.url, token: token?.text, isForeign: isFromLink && !isLoopbackUrl(parsed.url) } : void 0;
  return { value, source: given.source };
}
function readListen(given, fault) {
  const everywhere = { kind: "lan", host: ANY_HOST, port: 0 };
  if (!given) return { value: everywhere, source: "default" };
  const match = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:\s]*)):(\d{1,5})$/i.exec(given.text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    fault(
      `${given.source}: ${JSON.stringify(given.text.slice(0, 80))} is no address to listen on. It looks like 0.0.0.0:7342 or 192.168.1.5:0`
    );
    return { value: everywhere, source: "default" };
  }
  return { value: { kind: "lan", host: match[1] ?? (match[2] || ANY_HOST), port }, source: given.source };
}
function readProjectFile(folder, fault) {
  for (const name of [".sym-mesh.json", ".claude-mesh.json"]) {
    const file = path3.join(folder, name);
    const value = readJson(file, projectFile, fault);
    if (value) return { file, value };
  }
  return void 0;
}
function readJson(file, schema, fault) {
  try {
    const text = readFileSync(file, "utf8").replace(/^\ufeff/, "");
    const parsed = schema.safeParse(text.trim() === "" ? {} : JSON.parse(text));
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map(
      (issue) => issue.code === "unrecognized_keys" ? `unknown ${issue.keys.join(", ")}` : `${issue.path.join(".")}: ${issue.message}`
    );
    return fault(`${file}: ${issues.join("; ")}`);
  } catch (thrown) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(thrown) ?? "")) return void 0;
    return fault(`${file} cannot be read: ${messageOf(thrown)}`);
  }
}
function definedOnly(rates) {
  return Object.fromEntries(Object.entries(rates).filter(([, value]) => value !== void 0));
}
function attentionOf(own, forSession) {
  const { mode, wake, isDoNotDisturb } = USUAL_ATTENTION;
  const { peers = [], kinds = [], groups = [] } = own?.mutes ?? {};
  return {
    mode: forSession ?? own?.mode ?? mode,
    isDoNotDisturb: own?.dnd ?? isDoNotDisturb,
    mutes: { peers, kinds, groups },
    wake: own?.wake ?? wake
  };
}

// server/src/base/guard.ts
var Guard = class {
  #log;
  #counts = /* @__PURE__ */ new Map();
  constructor(log) {
    this.#log = log;
  }
  /** Runs `fn`; a throw or a rejection becomes a counter. */
  run(name, fn) {
    try {
      const result = fn();
      if (result instanceof Promise) result.catch((thrown) => this.#count(name, thrown));
    } catch (thrown) {
      this.#count(name, thrown);
    }
  }
  /** `fn` behind this guard, as a callback. */
  wrap(name, fn) {
    return (...args) => this.run(name, () => fn(...args));
  }
  /** Bugs met so far, by entry. */
  counts() {
    return this.#counts;
  }
  #count(name, thrown) {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#log.error("bug", { entry: name, error: messageOf(thrown) });
  }
};

// server/src/mmp/relay-pass.ts
import { createHmac, timingSafeEqual } from "node:crypto";
var FORM = /^mesh-pass-v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{22})\.([1-9]\d{0,15})\.([A-Za-z0-9_-]{43})$/;
function mintRelayPass(token, room, until) {
  const group = relayGroupOf(token);
  const hint = hintOf(group);
  return `mesh-pass-v1.${hint}.${room}.${until}.${toBase64Url(macOf(group, hint, room, `${until}`))}`;
}
function readRelayPass(text) {
  const [, hint = "", name = "", until = "", mac = ""] = FORM.exec(text) ?? [];
  const given = fromBase64Url(mac, 32);
  const room = parseRelayRoom(name);
  if (given === void 0 || room === void 0) return void 0;
  return { hint, room, until: Number(until), opens: (group) => timingSafeEqual(given, macOf(group, hint, room, until)) };
}
function hintOf(group) {
  return toHex(sha256(tagged("mesh-relay-hint-v1\n", group))).slice(0, 16);
}
function macOf(group, ...fields) {
  return createHmac("sha256", utf8(group)).update(tagged("mesh-relay-pass-v1\n", ...fields)).digest();
}

export {
  personFile,
  changePersonFile,
  Guard,
  createLog,
  silentLog,
  parseGroupName,
  parseGroupValue,
  isPrivateValue,
  parseGroupId,
  privateValue,
  privateRoom,
  serviceTypeOf,
  mintRelayPass,
  readRelayPass,
  hintOf,
  FIELD_NAMES,
  NEUTRAL,
  parseStaticPeers,
  createStaticDiscovery,
  featuresOf,
  rootsOf,
  NO_INTERESTS,
  describeInterest,
  findInterest,
  spokenText,
  pathsIn,
  listsKey,
  demandNoSecret,
  openDatabase,
  createSocketTransport,
  DEFAULT_RATES,
  describeShare,
  readSettings,
  rootFolder
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
