/** The files of this user, for the command line. */
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { systemClock, systemRandom } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { writePrivateFile } from '../base/files.ts'
import type { UserHome } from '../cli/command.ts'
import { exportIdentity, importIdentity, nodeFolder } from '../identity/identity.ts'
import { acquireLock } from '../identity/lock.ts'
import { exportUserKey, importUserKey, openUserKey } from '../identity/user-key.ts'
import { groupShelf } from '../mesh/group-shelf.ts'
import { stockFile } from '../mesh/stock-file.ts'
import { trustFile } from '../mesh/trust-file.ts'
import { type Environment, rootFolder } from './settings.ts'

/** `user`: the key of the person, beside the identity of a session. */
const named = z.looseObject({ name: z.string(), user: z.string().optional() })

export function userHome(env: Environment, cwd: string): UserHome {
  const root = rootFolder(env).value
  const deps = { clock: systemClock, random: systemRandom }
  return {
    trust: trustFile(path.join(root, 'trust.json'), deps),
    stock: stockFile(path.join(root, 'stock.json'), deps),
    groups: groupShelf(path.join(root, 'groups'), deps),
    userKey: () => openUserKey(root, deps),
    exportIdentity: (name) => {
      const user = exportUserKey(root, deps)
      const text = exportIdentity(root, name)
      return user === undefined ? text : JSON.stringify({ ...named.parse(JSON.parse(text)), user })
    },
    importIdentity: (text) => bringIn(root, text),
    readFile: (file) => readFileSync(path.resolve(cwd, file), 'utf8'),
    writeNewFile: (file, text) => {
      const target = path.resolve(cwd, file)
      if (existsSync(target)) throw new MeshError('argument-invalid', `${target} is there already; name a new file`)
      writePrivateFile(target, text)
    },
  }
}

async function bringIn(root: string, text: string): ReturnType<UserHome['importIdentity']> {
  const parsed = named.safeParse(JSON.parse(text))
  if (!parsed.success) throw new MeshError('argument-invalid', 'the export holds no identity')
  const { user, ...identity } = parsed.data
  const { name } = identity
  const deps = { clock: systemClock, random: systemRandom, hostname: os.hostname() }
  const taken = await acquireLock(nodeFolder(root, name), deps)
  if (taken.kind === 'taken')
    throw new MeshError('identity-locked', `${name} is in use by process ${taken.pid ?? '?'}; end that session first`)
  try {
    const { fingerprint } = importIdentity(root, name, JSON.stringify(identity), deps)
    const isUserOurs = user === undefined || (await importUserKey(root, user, deps))
    return { name, fingerprint, ...(user === undefined ? {} : { user: isUserOurs ? 'here' : 'another' }) }
  } finally {
    await taken.lock.release()
  }
}
