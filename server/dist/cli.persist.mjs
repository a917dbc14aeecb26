import {
  callLocal,
  findRunFileOfParent,
  keepGroup,
  parseTarget
} from "./cli.shared.mjs";
import "./cli.shared-5.mjs";
import "./cli.shared-7.mjs";

// server/src/hook/persist.ts
var TIMEOUT_MS = 5e3;
async function persistGroup({ root, ppid, sessionId, clock, write }) {
  const run = findRunFileOfParent(root, ppid, sessionId);
  if (run === void 0) return;
  const ask = (method, params) => callLocal(run.local, { method, params }, { clock, timeoutMs: TIMEOUT_MS });
  const answer = await ask("persist", {});
  const pending = "ok" in answer ? parsePending(answer.ok) : void 0;
  if (pending === void 0) return;
  const { group, target } = pending;
  const problem = keepGroup(target, group);
  await ask("persisted", { group, ...problem === void 0 ? {} : { problem: problem.slice(0, 1e3) } });
  const text = problem === void 0 ? `Mesh: the next sessions start in group ${group} (written to ${target.file}).` : `Mesh: group ${group} holds for this session only, because it could not be written down: ${problem}`;
  await write(`${JSON.stringify({ hookSpecificOutput: { hookEventName: "PostToolUse", additionalContext: text } })}
`);
}
function parsePending(value) {
  if (typeof value !== "object" || value === null || !("group" in value) || !("target" in value)) return void 0;
  const target = parseTarget(value.target);
  const isGroup = typeof value.group === "string" && /^[a-z0-9:-]{1,80}$/.test(value.group);
  return isGroup && target !== void 0 ? { group: String(value.group), target } : void 0;
}
export {
  persistGroup
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
