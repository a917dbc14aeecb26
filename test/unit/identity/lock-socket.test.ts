import { once } from 'node:events'
import { linkSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RandomBytes, systemRandom } from '../../../server/src/base/clock.ts'
import { takeSocket } from '../../../server/src/identity/lock-socket.ts'

let folder: string
let servers: Server[]
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sockets-'))
  servers = []
})
afterEach(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

const generation = (g: number) => path.join(folder, `lock.${g}.sock`)
const sockets = () =>
  readdirSync(folder)
    .filter((name) => name.startsWith('lock.'))
    .sort()

async function take(random: RandomBytes = systemRandom): Promise<Server | undefined> {
  const server = await takeSocket(folder, random)
  if (server !== undefined) servers.push(server)
  return server
}

/** Another process, seen from here: a socket that listens, to be given a generation. */
async function rival(): Promise<string> {
  const file = path.join(folder, `rival-${servers.length}`)
  const server = createServer().listen(file)
  servers.push(server)
  await once(server, 'listening')
  return file
}

/** A generation whose holder is dead. */
async function dead(g: number): Promise<void> {
  linkSync(await rival(), generation(g))
  const server = servers.pop()
  server?.close()
  if (server !== undefined) await once(server, 'close')
}

/** A starter asks for randomness after it looked and before it links: `meanwhile` happens in between, once. */
function sleeping(meanwhile: () => void): RandomBytes {
  let isAwake = false
  return (length) => {
    if (!isAwake) meanwhile()
    isAwake = true
    return systemRandom(length)
  }
}

describe.skipIf(process.platform === 'win32')('a starter [B6]', () => {
  it('takes the generation after the highest, which it found dead', async () => {
    await dead(7)
    expect(await take()).toBeDefined()
    expect(sockets()).toEqual(['lock.7.sock', 'lock.8.sock'])
    expect(await take()).toBeUndefined()
  })

  it('that another one overtook between look and link does not take its place', async () => {
    await dead(1)
    const other = await rival()
    expect(await take(sleeping(() => linkSync(other, generation(2))))).toBeUndefined()
    expect(sockets()).toEqual(['lock.1.sock', 'lock.2.sock'])
  })

  it('that slept through many holders sees the newest after its link, and steps back', async () => {
    await dead(1)
    const other = await rival()
    const meanwhile = () => {
      linkSync(other, generation(40))
      rmSync(generation(1))
    }
    expect(await take(sleeping(meanwhile))).toBeUndefined()
    expect(sockets()).toEqual(['lock.40.sock'])
  })

  it('that lost against one who died meanwhile goes on after it', async () => {
    await dead(1)
    await dead(3)
    const hidden = path.join(folder, 'hidden')
    renameSync(generation(3), hidden)
    expect(await take(sleeping(() => linkSync(hidden, generation(3))))).toBeDefined()
    expect(sockets()).toEqual(['lock.1.sock', 'lock.3.sock', 'lock.4.sock'])
  })

  it('of many in one process is the only one, every time', async () => {
    for (let round = 0; round < 20; round++) {
      const taken = await Promise.all(Array.from({ length: 20 }, () => take()))
      const winners = taken.filter((server) => server !== undefined)
      expect(winners).toHaveLength(1)
      winners[0]?.close()
      if (winners[0]) await once(winners[0], 'close')
      servers = []
    }
  })

  it('leaves nothing behind that has no holder', async () => {
    await Promise.all(Array.from({ length: 10 }, () => take()))
    expect(sockets()).toEqual(['lock.1.sock'])
  })
})
