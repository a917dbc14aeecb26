// server/src/base/clock.ts
import { randomBytes } from "node:crypto";
function roughly(clock, delayMs) {
  return clock.onBeat?.(delayMs) ?? delayMs;
}
var systemRandom = (length) => randomBytes(length);
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

export {
  roughly,
  systemRandom,
  systemClock,
  delay
};

/*! Licences of the third-party code in this file: THIRD-PARTY-LICENSES.txt */
