/** The terminal of this process, where it has one and a person may be at it. */
import { createInterface } from 'node:readline/promises'
import type { Readable } from 'node:stream'
import type { Terminal } from '../cli/terminal.ts'
import type { Environment } from './settings.ts'

type Input = Readable & { readonly isTTY?: boolean }
type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

export function createTerminal(env: Environment, input: Input, output: Output): Terminal {
  const ask = (question: string, isHidden: boolean): Promise<string> => askOnce(input, output, question, isHidden)
  return {
    absence: absenceOf(env, input, output),
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
  }
}

function absenceOf(env: Environment, input: Input, output: Output): string | undefined {
  // The shell that a model uses has it set: what peers say may have led it here.
  if ((env['CLAUDECODE'] ?? '') !== '') return 'this shell belongs to Claude Code'
  return input.isTTY && output.isTTY ? undefined : 'this is no terminal'
}

async function askOnce(input: Input, output: Output, question: string, isHidden: boolean): Promise<string> {
  // Without an output nothing is echoed by readline, and the terminal itself echoes only while nobody reads keys: so the
  // reading begins before the question is seen.
  const lines = createInterface({ input, terminal: true, ...(isHidden ? {} : { output, prompt: question }) })
  output.write(question)
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(''))
      lines.once('SIGINT', () => lines.close())
    })
    return isHidden ? answer : answer.trim()
  } finally {
    lines.close()
    if (isHidden) output.write('\n')
  }
}
