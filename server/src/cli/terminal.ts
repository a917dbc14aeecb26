/**
 * Commands that change who may speak are for a person at a terminal. Not for a program, since a peer's words may have
 * moved it; so nothing but typing answers them, and there is no option that does.
 */
import { MeshError } from '../base/errors.ts'

export interface Terminal {
  /** Why no person is there, in words that follow "because"; undefined where one is. */
  readonly absence: string | undefined
  /** What is typed after the question, without spaces around it. */
  ask(question: string): Promise<string>
  /** The same, without showing what is typed. */
  askSecret(question: string): Promise<string>
}

/** Throws where no person is. To be called before anything is looked up or shown. */
export function demandPerson({ absence }: Terminal): void {
  if (absence === undefined) return
  const text = `nothing was changed, because ${absence}. A person types this command in a terminal of their own: it decides who may speak`
  throw new MeshError('argument-invalid', text)
}

/** True for a typed yes; anything else is a no. */
export async function agrees(terminal: Terminal, question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test(await terminal.ask(`${question} [y/N] `))
}
