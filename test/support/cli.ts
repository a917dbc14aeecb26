/** What the command line is given, none of it there to be used: a test puts in what its commands need. */
import type { CliDeps } from '../../server/src/cli/command.ts'

const nothing = (): never => {
  throw new Error('not to be called')
}

export function cliDeps(changes: Partial<CliDeps> = {}): CliDeps {
  return {
    version: '0',
    open: nothing,
    runningStatus: nothing,
    demo: nothing,
    install: nothing,
    attention: nothing,
    doctor: nothing,
    relay: nothing,
    log: nothing,
    own: nothing,
    out() {},
    err() {},
    progress() {},
    now: () => 0,
    after: nothing,
    signal: new AbortController().signal,
    isDebug: false,
    origin: 'program',
    terminal: { absence: undefined, ask: nothing, askSecret: nothing },
    screen: undefined,
    home: nothing,
    ...changes,
  }
}
