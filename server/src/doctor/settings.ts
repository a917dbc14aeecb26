/** What a session that starts here would be told, each value with its source. */
import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'

export function diagnoseSettings(facts: Facts): readonly Finding[] {
  return [...diagnoseValues(facts), ...facts.unknownVariables.map((one) => diagnoseUnknown(one))]
}

function diagnoseUnknown({ name, nearest }: Facts['unknownVariables'][number]): Finding {
  const next = nearest === undefined ? `unset ${name}` : `is ${nearest} meant? Otherwise: unset ${name}`
  return {
    id: 'variable-unknown',
    level: 'warning',
    what: `${name} is set, and nothing reads it`,
    why: 'a typo here is a setting that does not count',
    next,
  }
}

function diagnoseValues({ settings, host }: Facts): readonly Finding[] {
  if (settings.kind === 'invalid') {
    const why = 'the node of a session here does not start, and every mesh tool says so'
    return [
      { id: 'settings-invalid', level: 'problem', what: settings.message, why, next: 'correct what is named, then start a new session' },
    ]
  }
  const lines = settings.lines.map(
    ({ name, value, source }): Finding => ({ id: `setting-${name}`, level: 'note', what: `${name} = ${value} (${source})` }),
  )
  const leaked = settings.lines.find(({ name, source }) => name === 'group' && source === 'SYM_GROUP')
  const option = host.plugins.find((one) => one.isEnabled)?.group
  if (leaked === undefined || option === undefined || option === leaked.value) return lines
  const shadowed: Finding = {
    id: 'group-shadowed',
    level: 'warning',
    what: `SYM_GROUP=${leaked.value} in the environment hides the group ${option} of the plugin's configuration`,
    why: 'sessions from this shell are in another group than those from elsewhere',
    next: 'unset SYM_GROUP',
  }
  return [...lines, shadowed]
}
