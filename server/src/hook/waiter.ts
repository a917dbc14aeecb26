/**
 * The background hook that wakes an idle session. It holds one request open at the server of its session; the answer is the
 * text, which goes to stderr, and exit code 2, which makes the host begin a turn with it. The server is the lock: a second
 * waiter is answered with nothing and leaves. It ends silently with 0 when the server or the client has gone, at its
 * maximum age, and on every failure. In print mode a background hook would hold up the session, so it waits only in an
 * interactive one. Stdin is not opened.
 */
import { type Clock, delay } from '../base/clock.ts'
import { callLocal, type LocalAnswer } from '../local/calls.ts'
import { findRunFileOfParent } from '../local/run-files.ts'
import { HOST_LIMIT_CHARACTERS, type Offer, parseOffer, SHOWN_TIMEOUT_MS } from './offer.ts'

/** What the host takes for "wake the session with what stands on stderr". */
export const WAKE_EXIT_CODE = 2
/** Less than the timeout in `hooks.json`, which is a day: a waiter that is killed would not know. */
export const MAX_AGE_MS = 82_800_000
/** Server and waiter are started at the same moment; the server needs longer. */
export const SERVER_TIMEOUT_MS = 10_000
const LOOK_MS = 200
const PARENT_MS = 5_000

export interface WaiterDeps {
  readonly root: string
  /** The host's process; another number later means that the host has gone. */
  readonly parentPid: () => number
  readonly sessionId: string | undefined
  readonly clock: Clock
  /** Resolves when the text has left this process. */
  readonly write: (text: string) => Promise<void>
}

/** Resolves to the exit code. Never throws. */
export async function runWaiter(deps: WaiterDeps): Promise<number> {
  const ending = new AbortController()
  const stopWatching = watchParent(deps, () => ending.abort())
  const age = deps.clock.after(MAX_AGE_MS, () => ending.abort())
  try {
    return await waitForWake(deps, ending.signal)
  } catch {
    // A wake that failed is a message that waits for the next prompt; nothing here may disturb the session.
    return 0
  } finally {
    age.cancel()
    stopWatching()
  }
}

async function waitForWake(deps: WaiterDeps, signal: AbortSignal): Promise<number> {
  const found = await askServer(deps, signal)
  if (found === undefined || signal.aborted) return 0
  const { socket, offer } = found
  await deps.write(offer.text)
  await callLocal(socket, { method: 'shown', params: { ticket: offer.ticket } }, { clock: deps.clock, timeoutMs: SHOWN_TIMEOUT_MS })
  return WAKE_EXIT_CODE
}

/** Holds the request open, once there is a server to hold it. */
async function askServer(deps: WaiterDeps, signal: AbortSignal): Promise<{ socket: string; offer: Offer } | undefined> {
  const { root, sessionId, clock, parentPid } = deps
  const ppid = parentPid()
  for (const endMs = clock.monotonic() + SERVER_TIMEOUT_MS; clock.monotonic() < endMs && !signal.aborted; ) {
    const socket = findRunFileOfParent(root, ppid, sessionId)?.local
    const answer = socket === undefined ? undefined : await callLocal(socket, { method: 'wake', params: {} }, { clock, signal })
    if (socket !== undefined && answer !== undefined && !isTooEarly(answer)) {
      const offer = 'ok' in answer ? parseOffer(answer.ok, HOST_LIMIT_CHARACTERS) : undefined
      return offer && { socket, offer }
    }
    await delay(clock, LOOK_MS, signal)
  }
  return undefined
}

/** The file is written before the socket listens. */
function isTooEarly(answer: LocalAnswer): boolean {
  return 'error' in answer && answer.error.code === 'unreachable'
}

function watchParent({ parentPid, clock }: WaiterDeps, onGone: () => void): () => void {
  const first = parentPid()
  let timer = clock.after(PARENT_MS, look)
  function look(): void {
    if (parentPid() !== first) onGone()
    else timer = clock.after(PARENT_MS, look)
  }
  return () => timer.cancel()
}
