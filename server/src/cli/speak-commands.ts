/** Commands that say something to a peer or to the group. */
import path from 'node:path'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { MeshError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { PRIORITIES } from '../mmp/envelope.ts'
import { asking, type CliDeps, type Commands, json, parsed } from './command.ts'
import { formatSend } from './format.ts'
import { sendView } from './views.ts'

const FIELDS = ['issue', 'intent', 'motivation', 'commitment', 'perspective', 'mood'] as const
const KINDS = ['context', 'decision', 'claim', 'finding', 'blocker', 'done']

export function addSpeakCommands(commands: Commands): void {
  addSave(commands)
  const { deps, addForNode } = commands
  const send = addForNode(
    'send <text>',
    'a message to one peer, or to the whole group',
    'send --to claude-laptop-api "the schema is on main"',
  )
    .option('--to <peer>', 'its name, at least 8 digits of its fingerprint, or #tag for all that carry it, as a tag or as their role')
    .option('--body <text>', 'long text beside the message')
    .option('--attach <file>', 'a small text file that goes with it')
    .option('--key <text>', 'the same key again gives the first result and sends nothing')
    .option('--reply-to <id>', 'the message that this one answers; it goes to its author')
    .option('--replaces <id>', 'a message of your own that this one replaces; whoever was not shown that one sees only this')
    .option('--self', 'also to your own other sessions that would not get it; --to #self for them alone')
    .addOption(new Option('--priority <level>', 'a wish that the reader decides about').choices(PRIORITIES))
  withFields(send).action(async (text: string, options) => speak(deps, text, options, ['message']))
  const observe = addForNode(
    'observe <focus>',
    'an observation for the whole group, in CAT7 fields',
    'observe "tests are red on main" --intent "bisecting"',
  )
    .option('--key <text>', 'the same key again gives the first result and sends nothing')
    .addOption(new Option('--kind <kind>', 'what sort of observation').choices(KINDS))
  withFields(observe).action(async (text: string, options) =>
    speak(deps, text, options, options.kind ? ['observation', options.kind] : ['observation']),
  )
}

function addSave({ deps, addForNode }: Commands): void {
  addForNode('save <id>', 'keep what was attached to a message, in the folder of this node', 'save m1f0c93ab52d87e64').action(
    async (id: string, options) =>
      asking(deps, { node: options.node }, async (node) => {
        const saved = parsed(savedView, await node.call('save', { id }))
        deps.out(options.json ? json(saved) : `Saved ${saved.bytes} bytes as ${saved.file}`)
      }),
  )
}

const savedView = z.looseObject({ file: z.string(), bytes: z.number() })

function withFields(command: Command): Command {
  for (const field of FIELDS) command.option(`--${field} <text>`, `the CAT7 field ${field}`)
  return command
}

interface SpeakOptions {
  readonly json?: boolean
  readonly node?: string
  readonly to?: string
  readonly body?: string
  readonly attach?: string
  readonly key?: string
  readonly replyTo?: string
  readonly replaces?: string
  readonly self?: boolean
  readonly priority?: string
  readonly [field: string]: unknown
}

async function speak(deps: CliDeps, focus: string, options: SpeakOptions, tags: readonly string[]): Promise<void> {
  const { node: name, to, body, key, replyTo, replaces, self, priority } = options
  const fields = Object.fromEntries(FIELDS.flatMap((field) => (typeof options[field] === 'string' ? [[field, options[field]]] : [])))
  const attach = options.attach === undefined ? undefined : textFile(options.attach, deps.home().readFile(options.attach))
  await asking(deps, { node: name, meet: { to } }, async (node) => {
    const request = { fields: { focus, ...fields }, body, attach, to, key, tags, replyTo, replaces, self, priority, origin: deps.origin }
    const view = parsed(sendView, await node.call('send', request))
    deps.out(options.json ? json(view) : formatSend(view))
  })
}

function textFile(file: string, text: string): { readonly name: string; readonly text: string } {
  if (/[\0\ufffd]/.test(text))
    throw new MeshError('argument-invalid', `${file} is no text in UTF-8; only text can be attached. Nothing was sent`)
  if (Buffer.byteLength(text) > LIMITS.attachment.maxBytes)
    throw new MeshError(
      'limit-exceeded',
      `${file} has ${Buffer.byteLength(text)} bytes, the limit is ${LIMITS.attachment.maxBytes}; nothing was sent`,
    )
  return { name: path.basename(file), text }
}
