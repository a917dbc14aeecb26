import {
  deferred
} from "./cli.shared-6.mjs";
import {
  RelayWire
} from "./cli.shared-9.mjs";
import {
  sentenceOf
} from "./cli.shared-8.mjs";
import "./cli.shared-2.mjs";
import {
  newNodeId,
  publicLookup,
  toHex
} from "./cli.shared-3.mjs";
import "./cli.shared-7.mjs";

// server/src/transport/relay-visit.ts
import http from "node:http";
import https from "node:https";
async function visitRelay(target, deps, withinMs) {
  const { clock, random } = deps;
  const outcome = deferred();
  const word = toHex(random(8));
  const wires = [];
  const here = [];
  let sentAt;
  const fail = (cause, said = "") => outcome.resolve({ kind: "failed", cause, why: cause === "no-echo" ? NO_ECHO : sentenceOf(cause), said });
  const deadline = clock.after(withinMs, () => fail(sentAt === void 0 ? "timeout" : "no-echo"));
  const onIn = (nodeId) => {
    if (here.includes(nodeId)) return;
    here.push(nodeId);
    const [to] = here;
    if (here.length < 2) return enter();
    sentAt = clock.monotonic();
    wires[1]?.send(JSON.stringify({ to, payload: { type: "mesh-echo", word } }));
  };
  const enter = () => {
    const nodeId = newNodeId(clock, random);
    const wire = new RelayWire(
      target,
      { ...deps, keys: { nodeId }, rooms: () => [] },
      {
        onIn: () => onIn(nodeId),
        onFrame: (frame) => {
          const isEcho = frame.type === "envelope" && frame.payload["word"] === word && nodeId === here[0];
          if (isEcho && sentAt !== void 0) outcome.resolve({ kind: "echoed", ms: Math.ceil(clock.monotonic() - sentAt) });
        },
        onEnd: ({ cause, said }) => fail(cause, said)
      }
    );
    wires.push(wire);
  };
  enter();
  const result = await outcome.promise;
  deadline.cancel();
  for (const wire of wires) wire.close();
  return result;
}
var NO_ECHO = "it takes this node in, and carries nothing from one to the other";
function timeAtRelay({ url, isForeign }, withinMs) {
  const address = new URL("/health", url.href.replace(/^ws/, "http"));
  const ask = address.protocol === "https:" ? https.get : http.get;
  return new Promise((resolve) => {
    const request = ask(address, { timeout: withinMs, agent: false, ...isForeign ? { lookup: publicLookup } : {} }, (response) => {
      response.destroy();
      const time = Date.parse(response.headers.date ?? "");
      resolve(Number.isNaN(time) ? void 0 : time);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(void 0));
    request.on("close", () => resolve(void 0));
  });
}
export {
  timeAtRelay,
  visitRelay
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
