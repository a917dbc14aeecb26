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

// server/src/bin/hook.ts
var [event = ""] = process.argv.slice(2);
var code = 0;
if (event === "wait" && mayWait(process.env)) {
  const { runWaiterProcess } = await import("./hook.main.mjs");
  code = await runWaiterProcess({ env: process.env, parentPid: () => process.ppid, stderr: () => process.stderr });
} else if (event !== "wait" && mayBeWanted(process.env, process.ppid, event)) {
  const { runHookProcess } = await import("./hook.main.mjs");
  await runHookProcess({
    args: process.argv.slice(2),
    env: process.env,
    ppid: process.ppid,
    stdin: () => process.stdin,
    stdout: () => process.stdout,
    stderr: () => process.stderr
  });
}
process.exit(code);

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
