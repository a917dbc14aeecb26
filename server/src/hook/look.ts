/**
 * Whether anything waits for the session of this parent process. The hooks run at every prompt and tool use and nearly
 * always end here, so this file imports nothing that Node has not loaded anyway; the rest of the hook is read only when
 * there is something to do.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

type Env = Readonly<Record<string, string | undefined>>

/** May say yes in doubt: whoever goes on looks properly. */
export function mayBeWanted(env: Env, ppid: number, event: string): boolean {
  const home = env['HOME'] || env['USERPROFILE']
  const root = env['SYM_STATE_DIR'] || (home && path.join(home, '.sym'))
  // Nothing to go by, or a value with its blanks and placeholders to be read by the rules.
  if (!root || /^\s|\s$|\$\{/.test(root)) return true
  const folder = path.join(root, 'run')
  try {
    const doors = readdirSync(folder).filter((name) => name.startsWith(`${ppid}-`) && name.endsWith('.door'))
    return doors.some((name) => wants(path.join(folder, name), event))
  } catch {
    // No folder: no server has ever run here.
    return false
  }
}

/** In print mode a background hook would keep the session from its start and its end; any other mode is not known. */
export function mayWait(env: Env): boolean {
  return env['CLAUDE_CODE_ENTRYPOINT'] === 'cli'
}

/** An entry may ask for more of an event than the event: `PostToolUse:file`. */
function wants(file: string, event: string): boolean {
  try {
    const door: { readonly waiting?: unknown; readonly wants?: unknown } = JSON.parse(readFileSync(file, 'utf8'))
    if (door.waiting !== 0 || !Array.isArray(door.wants)) return true
    return door.wants.some((entry) => entry === event || String(entry).startsWith(`${event}:`))
  } catch {
    // Being replaced, or of another version.
    return true
  }
}
