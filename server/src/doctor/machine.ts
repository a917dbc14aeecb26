/** The programs that we need, and the clock. */
import { LIMITS } from '../base/limits.ts'
import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'

const LEAST_NODE = 20
/** Hooks and tools were seen to work from here on. */
const LEAST_CLIENT = '2.1.197'
/** A difference that nobody notices. */
const SMALL_SKEW_MS = 60_000
const HOUR_MS = 3_600_000

export function diagnosePrograms({ node, host, version }: Facts): readonly Finding[] {
  const findings: Finding[] = [{ id: 'version', level: 'good', what: `sym-mesh-channel ${version} on Node ${node}` }]
  if (Number(node.split('.')[0]) < LEAST_NODE) {
    findings.push({
      id: 'node-old',
      level: 'problem',
      what: `Node ${node} is too old`,
      why: `the server needs Node ${LEAST_NODE} or newer and does not start`,
      next: `install Node ${LEAST_NODE} or newer, and look with: node --version`,
    })
  }
  if (host.client === undefined) {
    findings.push({ id: 'client-missing', level: 'note', what: 'There is no claude on the PATH, so its version is not known' })
  } else if (isOlder(host.client, LEAST_CLIENT)) {
    findings.push({
      id: 'client-old',
      level: 'warning',
      what: `Claude Code ${host.client} is older than ${LEAST_CLIENT}, the oldest that was tried`,
      why: 'hooks or plugin options may not work there',
      next: 'claude update',
    })
  }
  return findings
}

/** Told once: by what is certain first. */
export function diagnoseClock(facts: Facts): readonly Finding[] {
  const { now, releasedAt, lastWrittenAt, platform } = facts
  const next = `set the clock of this machine${SET_CLOCK[platform] === undefined ? '' : `: ${SET_CLOCK[platform]}`}`
  if (now < releasedAt) {
    const what = `The clock says ${new Date(now).toISOString().slice(0, 10)}, before this version was made`
    return [{ id: 'clock-wrong', level: 'problem', what, why: 'peers refuse what is dated more than 30 days ago', next }]
  }
  const skew = diagnoseSkew(facts, next)
  if (skew.length > 0 || lastWrittenAt === undefined || lastWrittenAt - now < HOUR_MS) return skew
  const what = `The clock says ${minute(now)}, and messages of this machine were written at ${minute(lastWrittenAt)}`
  return [{ id: 'clock-back', level: 'warning', what, why: 'it was wrong then or is now; peers refuse what comes from the future', next }]
}

function diagnoseSkew({ relay }: Facts, next: string): readonly Finding[] {
  const ahead = relay.kind === 'visited' ? relay.aheadMs : undefined
  if (ahead === undefined || Math.abs(ahead) < SMALL_SKEW_MS) return []
  const isHarmful = Math.abs(ahead) > LIMITS.cmb.futureMs
  const who = ahead > 0 ? 'peers refuse what this machine sends' : 'this machine refuses what peers send'
  return [
    {
      id: 'clock-skew',
      level: isHarmful ? 'problem' : 'warning',
      what: `The clock is ${spanOf(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} the one of the relay`,
      why: isHarmful
        ? `${who}: more than ${LIMITS.cmb.futureMs / 60_000} minutes from the future`
        : 'invites and certificates end early or late',
      next,
    },
  ]
}

const SET_CLOCK: Readonly<Record<string, string>> = {
  linux: 'sudo timedatectl set-ntp true',
  darwin: 'sudo sntp -sS time.apple.com',
  win32: 'w32tm /resync',
}

function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}

const minute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function isOlder(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0))
  for (const [index, part] of (b ?? []).entries()) if ((a?.[index] ?? 0) !== part) return (a?.[index] ?? 0) < part
  return false
}
