/**
 * What the person said of this node, on disk: visibility, role and tags. It outlives a restart, since who hid yesterday
 * must not be seen by surprise, and a role is not given anew every morning.
 */
import type { Database } from '../store/database.ts'

export interface OwnWords {
  readonly isHidden: boolean
  readonly role: string | undefined
  readonly tags: readonly string[]
}

export function readOwnWords(db: Database): OwnWords {
  const value = (name: string): string => String(db.get('SELECT value FROM own WHERE name = ?', name)?.['value'] ?? '')
  return { isHidden: value('hidden') === 'yes', role: value('role') || undefined, tags: value('tags').split(' ').filter(Boolean) }
}

/** Resolves when it is on disk. */
export async function saveOwnWords(db: Database, { isHidden, role = '', tags }: OwnWords): Promise<void> {
  const rows = { hidden: isHidden ? 'yes' : '', role, tags: tags.join(' ') }
  await db.write(() => {
    for (const [name, value] of Object.entries(rows)) {
      db.run('INSERT INTO own VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value)
    }
  })
}
