/**
 * What a hook of the host does: find the server of this session by the common parent process, ask it what waits, print
 * that, and say that it was printed. Where nothing waits it ends after one look into a folder, stdin unread. It never
 * breaks the session: every failure is one line on stderr at most, and exit code 0.
 *
 * Of what the host tells on stdin it uses the session id, two flags, why a session starts, and whether a prompt begins like one that a program
 * made; where the person shares files also the path of a file that was edited; of a typed prompt that speaks of the mesh also
 * what `prompt.ts` says. Prompts, other tool inputs, results and transcripts are neither kept nor sent anywhere.
 */
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { callLocal } from '../local/calls.ts'
import { type Door, readDoor, readDoors, WANTS_FILE } from '../local/door.ts'
import { findRunFileOfParent, parseObject } from '../local/run-files.ts'
import { editedFile } from './edit.ts'
import { HOST_LIMIT_CHARACTERS, type Offer, parseOffer, SHOWN_TIMEOUT_MS } from './offer.ts'
import { isTyped, isWish, reportOf } from './prompt.ts'

const EVENTS = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop'] as const
type Event = (typeof EVENTS)[number]

/** Together well below the five seconds that `hooks.json` grants. */
const TAKE_TIMEOUT_MS = 1_500
const START_MS = 2_500
const PAUSE_MS = 50

export interface HookDeps {
  /** The folder of all state. */
  readonly root: string
  /** The prompt speaks of the mesh: the server hears of it even where nothing waits. */
  readonly speaksOfMesh?: boolean
  /** The host's process, parent of hook and server alike. */
  readonly ppid: number
  readonly clock: Clock
  /** All of stdin; undefined when it is too long. Called only when something waits. */
  readonly readInput: () => Promise<string | undefined>
  /** Resolves when the text has left this process. */
  readonly write: (text: string) => Promise<void>
  /** Resolves after that time, and keeps the process until then. */
  readonly pause?: (ms: number) => Promise<void>
  readonly warn: (line: string) => void
}

/** Never throws, whatever the name, the input or the server. */
export async function runHook(name: string, deps: HookDeps): Promise<void> {
  try {
    const event = EVENTS.find((known) => known === name)
    if (event && (deps.speaksOfMesh || isWanted(event, deps))) await surface(event, deps)
  } catch (thrown) {
    deps.warn(`sym-mesh-channel: ${messageOf(thrown)}`)
  }
}

const NO_DOOR: Door = { waiting: 0, wants: [] }

/** By any session of this parent: which one this is stands in the input, and that is read only for a reason. */
function isWanted(event: Event, { root, ppid }: HookDeps): boolean {
  return readDoors(root, ppid).some((door) => wantsOf(event, door) !== 'nothing')
}

/** `file`: the event matters only when a file was edited. */
function wantsOf(event: Event, { waiting, wants }: Door): 'event' | 'file' | 'nothing' {
  if (waiting > 0 || wants.includes(event)) return 'event'
  return event === 'PostToolUse' && wants.includes(WANTS_FILE) ? 'file' : 'nothing'
}

async function surface(event: Event, deps: HookDeps): Promise<void> {
  const input = parseObject((await deps.readInput()) ?? '') ?? {}
  // Inside a subagent the words would be gone with it; they wait for the session's own next hook.
  if (typeof input['agent_id'] === 'string') return
  const sessionId = typeof input['session_id'] === 'string' ? input['session_id'] : undefined
  const door = readDoor(deps.root, deps.ppid, sessionId) ?? NO_DOOR
  const wanted = wantsOf(event, door)
  if (wanted === 'nothing' && !deps.speaksOfMesh) return
  const file = event === 'PostToolUse' && door.wants.includes(WANTS_FILE) ? editedFile(input) : undefined
  if (file === undefined && wanted === 'file') return
  const params = { ...paramsOf(event, sessionId, input, deps), ...(file === undefined ? {} : { file }) }
  const run = await serverOf(sessionId, deps.speaksOfMesh === true && isWish(reportOf(input['prompt'])), deps)
  const offer = run && (await take(run.local, params, deps))
  if (run === undefined || offer === undefined) return
  await deps.write(outputOf(event, offer.text))
  // Unsaid, the items go back after some seconds and are shown again: better twice than never.
  await callLocal(run.local, { method: 'shown', params: { ticket: offer.ticket } }, { clock: deps.clock, timeoutMs: SHOWN_TIMEOUT_MS })
}

/** Host and server start at the same time: a wish in the first prompt waits for whom it is meant for. */
async function serverOf(sessionId: string | undefined, isPatient: boolean, { root, ppid, clock, pause }: HookDeps) {
  for (let left = isPatient && pause ? START_MS / PAUSE_MS : 0; ; left--) {
    const run = findRunFileOfParent(root, ppid, sessionId)
    // The file is there a moment before the socket is.
    const isUp =
      run !== undefined &&
      (!isPatient || 'ok' in (await callLocal(run.local, { method: 'persist' }, { clock, timeoutMs: SHOWN_TIMEOUT_MS })))
    if (isUp || left <= 0) return run
    await pause?.(PAUSE_MS)
  }
}

async function take(socket: string, params: object, { clock, warn }: HookDeps): Promise<Offer | undefined> {
  const answer = await callLocal(socket, { method: 'take', params }, { clock, timeoutMs: TAKE_TIMEOUT_MS })
  if ('error' in answer) {
    // A server that has just ended leaves its files behind for a moment: nothing to report.
    if (answer.error.code !== 'unreachable') warn(`sym-mesh-channel: ${answer.error.message}`)
    return undefined
  }
  return parseOffer(answer.ok, HOST_LIMIT_CHARACTERS)
}

function paramsOf(
  event: Event,
  sessionId: string | undefined,
  input: Readonly<Record<string, unknown>>,
  { speaksOfMesh }: HookDeps,
): object {
  return {
    event,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(event === 'SessionStart' && typeof input['source'] === 'string' ? { source: input['source'].slice(0, 32) } : {}),
    ...(event === 'UserPromptSubmit'
      ? { isTyped: isTyped(input['prompt']), ...(speaksOfMesh ? { prompt: reportOf(input['prompt']) } : {}) }
      : {}),
    // Unreadable input counts as a turn that is being continued already: never the way into a loop.
    ...(event === 'Stop' ? { isStopHookActive: input['stop_hook_active'] !== false } : {}),
  }
}

function outputOf(event: Event, text: string): string {
  return `${JSON.stringify({ hookSpecificOutput: { hookEventName: event, additionalContext: text } })}\n`
}
