/**
 * Whether anything waits for the session of this parent process. The hooks run at every prompt and tool use and nearly
 * always end here, so this file imports nothing that Node has not loaded anyway; the rest of the hook is read only when
 * there is a door.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'

/** May say yes in doubt: whoever goes on looks properly. */
export function mayHaveDoor(env: Readonly<Record<string, string | undefined>>, ppid: number): boolean {
  const home = env['HOME'] || env['USERPROFILE']
  const root = env['SYM_STATE_DIR'] || (home && path.join(home, '.sym'))
  // Nothing to go by, or a value with its blanks and placeholders to be read by the rules.
  if (!root || /^\s|\s$|\$\{/.test(root)) return true
  try {
    return readdirSync(path.join(root, 'run')).some((name) => name.startsWith(`${ppid}-`) && name.endsWith('.door'))
  } catch {
    // No folder: no server has ever run here.
    return false
  }
}
