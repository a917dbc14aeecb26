/**
 * Every environment variable that is read, by whom it is set, and what it means: the documents are made from this table, a
 * test holds it to the code, and the doctor names what looks like one of ours and is none.
 */
export interface Variable {
  /** Who sets it: a person, the system or Claude Code, or who runs a relay. */
  readonly by: 'person' | 'others' | 'relay'
  readonly meaning: string
}

export const VARIABLES: Readonly<Record<string, Variable>> = {
  SYM_NODE_NAME: { by: 'person', meaning: 'the name of this node' },
  SYM_GROUP: { by: 'person', meaning: 'the group: lowercase words joined by dashes, at most 62 characters' },
  SYM_SERVICE_TYPE: {
    by: 'person',
    meaning: 'announce and look for this DNS-SD type in the place of the one that follows from the group, e.g. `_sym._tcp`',
  },
  SYM_PEERS: { by: 'person', meaning: 'addresses of peers, `host:port`, separated by commas, at most 64; IPv6 in brackets' },
  SYM_LISTEN: {
    by: 'person',
    meaning:
      'where to listen, `addr:port`; port 0 lets the system choose. Default: every address, a free port. `127.0.0.1:0` or `[::1]:0` keeps off the network: no multicast either',
  },
  SYM_MODE: {
    by: 'person',
    meaning: 'the mode of this session alone, whatever `settings.json` says: `push`, `inbox` or `off`; `launch --mode` sets it',
  },
  SYM_STATE_DIR: { by: 'person', meaning: 'the state folder `<root>`. Default: `~/.sym`' },
  SYM_RELAY_URL: { by: 'person', meaning: 'a relay to reach peers on other networks: `wss://…`; `ws://` only for this machine' },
  SYM_RELAY_TOKEN: { by: 'person', meaning: 'the token of that relay' },
  SYM_DEBUG: { by: 'person', meaning: 'any value: debug lines on stderr' },
  SYM_ALLOWED_PEERS: {
    by: 'person',
    meaning:
      'whose words alone reach Claude: names and fingerprints (16 digits or more), separated by commas, at most 64. Others wait in the inbox. A name stands for your petname, else for the first key that proves itself under it, which `sym_status` names',
  },
  HOME: { by: 'others', meaning: 'the default of `<root>`, and where Claude Code keeps its files' },
  USERPROFILE: { by: 'others', meaning: 'the same on Windows' },
  NO_COLOR: { by: 'others', meaning: 'any value takes the colours out of `watch`' },
  TERM: { by: 'others', meaning: 'on a terminal called `dumb`, `watch` prints lines' },
  CLAUDE_CONFIG_DIR: {
    by: 'others',
    meaning: 'where Claude Code keeps its files, for `init`, `uninstall` and a group that persists; without it `~/.claude`',
  },
  CLAUDE_PROJECT_DIR: { by: 'others', meaning: "the project's folder; without it the working directory" },
  CLAUDE_PLUGIN_OPTION_RELAY_URL: { by: 'others', meaning: 'the plugin option `relay_url`' },
  CLAUDE_PLUGIN_OPTION_RELAY_TOKEN: { by: 'others', meaning: 'the plugin option `relay_token`' },
  CLAUDE_PLUGIN_OPTION_GROUP: { by: 'others', meaning: 'the plugin option `group`' },
  CLAUDECODE: {
    by: 'others',
    meaning:
      "being set, the shell is Claude's: what a command sends is the model's word, decisions about trust are refused, and `join` asks nobody and does nothing",
  },
  CLAUDE_PLUGIN_DATA: {
    by: 'others',
    meaning: 'its name tells from which marketplace the plugin came, for the flag that `sym_status` names and for a group that persists',
  },
  CLAUDE_PLUGIN_ROOT: { by: 'others', meaning: "being set, it means that the plugin's hooks are there" },
  CLAUDE_CODE_ENTRYPOINT: { by: 'others', meaning: '`cli` means an interactive session, where a background hook may wait' },
  CLAUDE_CODE_SESSION_ID: { by: 'others', meaning: 'to give a resumed session the name that it had' },
  SYM_RELAY_LISTEN: { by: 'relay', meaning: 'where it listens' },
  SYM_RELAY_STATE: { by: 'relay', meaning: 'where it keeps mail' },
  SYM_RELAY_TOKENS: { by: 'relay', meaning: 'its admission tokens, separated by commas' },
  SYM_RELAY_TOKENS_FILE: { by: 'relay', meaning: 'a file of them, one on each line' },
  SYM_RELAY_OPEN: { by: 'relay', meaning: 'any value: no token is needed' },
  SYM_RELAY_CERT: { by: 'relay', meaning: 'its certificate' },
  SYM_RELAY_KEY: { by: 'relay', meaning: 'the private key of that certificate' },
  SYM_RELAY_METRICS: { by: 'relay', meaning: 'where it serves metrics' },
  SYM_RELAY_PROXIES: { by: 'relay', meaning: 'proxies that it believes' },
  SYM_RELAY_LIMITS: { by: 'relay', meaning: 'other limits' },
  SYM_RELAY_CONFIG: { by: 'relay', meaning: 'a file of settings' },
}

export interface UnknownVariable {
  readonly name: string
  /** The nearest that exists. */
  readonly nearest: string | undefined
}

/** Variables that begin like ours, are set, and are none. */
export function strangersAmong(env: Readonly<Record<string, string | undefined>>): readonly UnknownVariable[] {
  const ours = Object.keys(VARIABLES).filter((name) => name.startsWith('SYM_'))
  return Object.keys(env)
    .filter((name) => name.startsWith('SYM_') && !ours.includes(name) && (env[name] ?? '') !== '')
    .map((name) => ({ name, nearest: nearestOf(name, ours) }))
}

const MOST_EDITS = 3

function nearestOf(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((one) => ({ one, edits: editsBetween(name, one) })).sort((a, b) => a.edits - b.edits)
  return best && best.edits <= MOST_EDITS ? best.one : undefined
}

/** Letters to put in, take out or change, to make one word of the other. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (let to = 1; to <= other.length; to++) {
      const change = (row[to - 1] ?? 0) + (letter === other[to - 1] ? 0 : 1)
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
