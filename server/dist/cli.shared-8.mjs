import {
  oneLine
} from "./cli.shared-3.mjs";
import {
  LIMITS,
  assertNever
} from "./cli.shared-7.mjs";

// server/src/transport/relay-health.ts
function isLasting(cause) {
  return ["token", "refused-auth", "id-taken", "duplicate", "replaced", "private"].includes(cause);
}
function retryDelayMs(cause, failures, random) {
  const { retryMs, retryMaxMs, breakAfter, brokenMs, supersededMs } = LIMITS.relayClient;
  const doubled = Math.min(retryMaxMs, retryMs * 2 ** Math.min(20, failures - 1));
  const least = cause === "superseded" ? supersededMs : failures > breakAfter && isFlap(cause) ? brokenMs : doubled;
  return least * (1 + (random(1)[0] ?? 0) / 255 * 0.1);
}
function isFlap(cause) {
  return cause === "ended" || cause === "busy" || cause === "timeout";
}
function problemOf({ host, state, cause, said }) {
  if (state === "in" || cause === void 0) return void 0;
  const words = said === "" ? "" : ` (${JSON.stringify(oneLine(said, 80))})`;
  const next = state === "stopped" ? '"sym-mesh-channel reconnect" tries it again' : "It is tried again by itself";
  return `Relay ${host}: ${sentenceOf(cause)}${words}. ${next}.`;
}
function sentenceOf(cause) {
  switch (cause) {
    case "dns":
      return "its name cannot be resolved; check SYM_RELAY_URL and the network";
    case "refused":
      return "nothing listens there; check the port, or start the relay";
    case "tls":
      return "its TLS certificate is not accepted; it must be valid for this host name";
    case "private":
      return "its name leads to a private address, which only a person may configure; set SYM_RELAY_URL if you mean it";
    case "http":
      return "what answers there is no relay, or a proxy in between refuses the connection";
    case "blocked":
      return "it cannot be reached; a firewall, a proxy or the network is in the way";
    case "timeout":
      return "it does not answer";
    case "token":
      return "it refuses the token; check SYM_RELAY_TOKEN";
    case "refused-auth":
      return "it does not accept how this node authenticates";
    case "id-taken":
      return "another key owns the id of this node there; ask who runs it";
    case "duplicate":
    case "replaced":
      return "another connection holds the id of this node";
    case "superseded":
      return "the key of this node is connected from elsewhere; one of the two should end";
    case "busy":
      return "it is over a limit";
    case "ended":
      return "the connection ended";
    default:
      return assertNever(cause);
  }
}

export {
  isLasting,
  retryDelayMs,
  problemOf,
  sentenceOf
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
