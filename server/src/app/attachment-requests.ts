/** Saving what a peer attached: at a person's word, in the folder of this node, under a name of ours. */
import path from 'node:path'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { ensurePrivateFolder, safeJoin, writePrivateFile } from '../base/files.ts'
import type { LocalHandlers } from '../local/calls.ts'
import type { MeshNode } from '../mesh/node.ts'
import { safeFileName } from '../mmp/attachment.ts'
import { handler } from './handler.ts'

/** `folder`: where this node keeps its files. */
export function attachmentRequests(node: MeshNode, folder: string): LocalHandlers {
  return {
    save: handler(z.strictObject({ id: z.string().min(1).max(80) }), ({ id }) => {
      const found = node.attachment(id)
      if (!found)
        throw new MeshError(
          'argument-invalid',
          `no message ${JSON.stringify(id)} with an attachment is kept here, or several begin like that`,
        )
      const place = path.join(folder, 'attachments')
      ensurePrivateFolder(place)
      const file = safeJoin(place, safeFileName(found.shortId, found.name))
      writePrivateFile(file, found.bytes)
      return { file, bytes: found.bytes.length }
    }),
  }
}
