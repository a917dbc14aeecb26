import {
  introduce
} from "./server.shared-7.mjs";
import {
  VERSION
} from "./server.shared-3.mjs";
import {
  systemClock
} from "./server.shared-5.mjs";
import "./server.shared.mjs";

// server/src/bin/server.ts
var answered = await introduce(VERSION, process.stdin, process.stdout, systemClock);
var { startShell } = await import("./server.shell.mjs");
var shell = await startShell(VERSION, answered);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void shell.close());
process.on("uncaughtException", (thrown) => {
  process.stderr.write(`sym-mesh-channel: ${thrown instanceof Error ? thrown.message : String(thrown)}
`);
  process.exit(1);
});
var { runServer } = await import("./server.app.mjs");
await runServer(shell, {
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  parentPid: process.ppid,
  currentParentPid: () => process.ppid,
  writeLog: (line) => process.stderr.write(`${line}
`)
});
process.exit(0);

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
