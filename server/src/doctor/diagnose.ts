/** From facts to findings: pure, one function for each area, each finding with the cause and the next step (R147). */
import type { Facts } from './facts.ts'
import { diagnoseDisk, diagnoseFiles } from './files.ts'
import type { Finding } from './finding.ts'
import { diagnoseInstall } from './install.ts'
import { diagnoseClock, diagnosePrograms } from './machine.ts'
import { diagnoseNetwork } from './network.ts'
import { diagnoseSessions } from './sessions.ts'
import { diagnoseSettings } from './settings.ts'

export function diagnose(facts: Facts): readonly Finding[] {
  return [
    ...diagnosePrograms(facts),
    ...diagnoseInstall(facts.host),
    ...diagnoseSettings(facts),
    ...diagnoseSessions(facts),
    ...diagnoseFiles(facts),
    ...diagnoseDisk(facts),
    ...diagnoseClock(facts),
    ...diagnoseNetwork(facts),
  ]
}
