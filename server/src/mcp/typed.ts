/**
 * What a tool call of the model may change, and what only a person may: the table of the threat model (3.1) as one pure
 * function. Peers' words can move a model, so a change of who may speak needs something that no peer can make: that the
 * user typed it, as a hook of the host reported. In doubt it was not typed.
 */
export type Change =
  | { readonly kind: 'join-open'; readonly group: string; readonly link?: string }
  /** Over a relay that no person has configured yet. */
  | { readonly kind: 'join-relay'; readonly group: string; readonly relay: string; readonly link?: string }
  | { readonly kind: 'join-private'; readonly link: string }
  | { readonly kind: 'invite-open' }
  | { readonly kind: 'invite-private' }

/** A slash command of ours that was typed, not used up and not too old, with hashes of what stood behind it. */
export interface TypedCommand {
  readonly name: 'join' | 'invite'
  readonly links: ReadonlySet<string>
  readonly words: ReadonlySet<string>
}

export interface TypedFacts {
  /** Hooks of this session report what is typed. */
  readonly hasHooks: boolean
  /** Hashes of the links typed in this session. */
  readonly links: ReadonlySet<string>
  /** Hashes of the words of the latest typed prompt. */
  readonly words: ReadonlySet<string>
  readonly command: TypedCommand | undefined
  /** Words of peers came into the context after that prompt. */
  readonly isPeerTextSince: boolean
  /** Words of peers may have come into the context at any time. */
  readonly isPeerTextEver: boolean
}

export type Permission =
  | { readonly kind: 'allowed'; readonly by: 'command' | 'link' | 'word' | 'no-hooks' | 'harmless' }
  | { readonly kind: 'refused'; readonly why: string }

type Hash = (text: string) => string

export function decideChange(change: Change, facts: TypedFacts, hash: Hash): Permission {
  switch (change.kind) {
    case 'invite-open':
      // It admits nobody who could not come anyway.
      return allowed('harmless')
    case 'invite-private':
      return facts.command?.name === 'invite' ? allowed('command') : refused('an invite to a private group is made by a typed /mesh-invite')
    case 'join-private': {
      const isTyped = facts.command?.name === 'join' && facts.command.links.has(hash(change.link))
      return isTyped ? allowed('command') : refused('a private group is joined by a typed /mesh-join with its link')
    }
    case 'join-relay':
      return (
        byCommand(change, facts, hash) ??
        byLink(change, facts, hash) ??
        refused('neither this link nor its relay was typed in this session')
      )
    case 'join-open':
      return byCommand(change, facts, hash) ?? byLink(change, facts, hash) ?? byWord(change, facts, hash)
  }
}

type Join = Extract<Change, { kind: 'join-open' | 'join-relay' }>

/** The link as it was given, and, where a name is enough, the plain link to that name. */
function linksOf(change: Join): readonly string[] {
  const given = change.link === undefined ? [] : [change.link]
  return change.kind === 'join-relay' ? [...given, change.relay] : [...given, `sym://group/${change.group}`]
}

function byCommand(change: Join, { command }: TypedFacts, hash: Hash): Permission | undefined {
  if (command?.name !== 'join' && command?.name !== 'invite') return undefined
  const isNamed = linksOf(change).some((link) => command.links.has(hash(link)))
  const isWord = change.kind === 'join-open' && command.words.has(hash(change.group))
  return isNamed || isWord ? allowed('command') : undefined
}

function byLink(change: Join, { links }: TypedFacts, hash: Hash): Permission | undefined {
  return linksOf(change).some((link) => links.has(hash(link))) ? allowed('link') : undefined
}

function byWord({ group }: Join, { words, hasHooks, isPeerTextSince, isPeerTextEver }: TypedFacts, hash: Hash): Permission {
  if (!hasHooks) {
    return isPeerTextEver
      ? refused('words of peers may have been shown in this session, and nothing here reports what the user types')
      : allowed('no-hooks')
  }
  if (!words.has(hash(group))) return refused('neither its link nor its name was typed')
  return isPeerTextSince ? refused('its name was typed, but words of peers were shown since') : allowed('word')
}

function allowed(by: Extract<Permission, { kind: 'allowed' }>['by']): Permission {
  return { kind: 'allowed', by }
}

function refused(why: string): Permission {
  return { kind: 'refused', why }
}
