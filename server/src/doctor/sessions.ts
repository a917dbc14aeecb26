/** The sessions that run: their groups, how words reach them, and processes that are in the way. */
import type { Facts, SessionFacts, SessionStatus } from './facts.ts'
import type { Finding } from './finding.ts'

const CHANNEL_FLAG = '--dangerously-load-development-channels'

export function diagnoseSessions({ sessions, settings, version }: Facts): readonly Finding[] {
  const answering = sessions.flatMap(({ status }) => (status ? [status] : []))
  const none: Finding = { id: 'no-session', level: 'note', what: 'No session with a mesh node is running' }
  const own = settings.kind === 'ok' ? settings.group : undefined
  return [
    ...(answering.length === 0
      ? [none]
      : answering.flatMap((status) => [...diagnoseSession(status, own), ...diagnoseVersion(status, version)])),
    ...sessions.flatMap((session) => diagnoseProcess(session)),
  ]
}

function diagnoseSession({ name, groups, peersHere, problems, push }: SessionStatus, own: string | undefined): readonly Finding[] {
  const findings: Finding[] = [
    { id: 'session', level: 'good', what: `Session ${name}: in ${groups.join(', ') || 'no group'}, ${peersHere} peers here` },
    ...problems.map((what): Finding => ({ id: 'session-problem', level: 'warning', what: `Session ${name}: ${what}` })),
  ]
  if (own !== undefined && groups[0] !== undefined && !groups.includes(own)) {
    findings.push({
      id: 'group-mismatch',
      level: 'warning',
      what: `Session ${name} is in ${groups.join(', ')}, and a session that starts here now would be in ${own}`,
      why: 'sessions in different groups do not see each other',
      next: `in one of the two: /mesh-join ${own}`,
    })
  }
  return [...findings, ...diagnosePush(name, push)]
}

function diagnoseVersion({ name, version }: SessionStatus, own: string): readonly Finding[] {
  if (version === own || version === '') return []
  const what = `Session ${name} runs version ${version}, and this is ${own}`
  return [{ id: 'version-differs', level: 'note', what, why: 'it began before an update', next: `restart the session ${name}` }]
}

function diagnosePush(name: string, push: SessionStatus['push']): readonly Finding[] {
  if (push === undefined || push.isProven) return []
  const what = `Session ${name}: channel push is not ${push.hint === true ? 'proven yet' : 'live'}; words arrive by hooks`
  if (push.hint === true) return [{ id: 'push-unproven', level: 'note', what }]
  const next = `claude ${CHANNEL_FLAG} plugin:sym-mesh-channel@sym-mesh-channel, or: sym-mesh-channel launch`
  return [{ id: 'push-off', level: 'note', what, why: 'Claude Code was started without the channel flag', next }]
}

function diagnoseProcess({ pid, parentPid, isAlive, isParentAlive, status }: SessionFacts): readonly Finding[] {
  if (isAlive && !isParentAlive) {
    const what = `Process ${pid} is a mesh server whose Claude Code (${parentPid}) has ended`
    return [{ id: 'orphan', level: 'warning', what, why: 'it holds a name and answers as a session that is gone', next: `kill ${pid}` }]
  }
  if (isAlive && status === undefined) {
    const what = `The mesh server ${pid} lives and does not answer`
    return [{ id: 'no-answer', level: 'problem', what, why: 'hooks and commands of its session do nothing', next: 'restart that session' }]
  }
  return []
}
