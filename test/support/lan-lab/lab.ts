/**
 * Hosts on one LAN, from a test: each is a network namespace, and what runs in it is a Node process that speaks JSON
 * lines. `down` ends everything, whatever happened before.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('netns-lab.sh', import.meta.url))

/** Why there can be no lab here, or undefined. */
export function whyNoLab(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  try {
    execFileSync('ip', ['netns', 'list'], { stdio: 'ignore' })
    return undefined
  } catch {
    // Not installed, or a container without the right to make one.
    return 'the command `ip netns` does not work here'
  }
}

export class Lab {
  readonly #name: string
  readonly #nodes: LabNode[] = []

  constructor(hosts: number) {
    // Up to six letters and digits; runs side by side have different process ids.
    this.#name = `s${process.pid.toString(36).slice(-5)}`
    this.#run('down')
    this.#run('up', hosts)
  }

  /** Unplugs the cable. */
  cut = (host: number) => this.#run('cut', host)
  /** Frames are dropped, the link stays up: nobody is told. */
  silence = (host: number) => this.#run('part', host)
  unsilence = (host: number) => this.#run('join', host)
  /** Hosts that are apart do not reach each other, only those that are not: networks with one server between them. */
  apart = (host: number) => this.#run('apart', host)
  near = (host: number) => this.#run('near', host)
  heal = (host: number) => this.#run('heal', host)
  addInterface = (host: number) => this.#run('addif', host)

  spawn(host: number, script: string, ...args: readonly string[]): LabNode {
    const node = new LabNode(spawn('bash', [SCRIPT, 'exec', this.#name, String(host), process.execPath, script, ...args]))
    this.#nodes.push(node)
    return node
  }

  /** What to put before a command so that it runs in a host. */
  prefix(host: number): readonly string[] {
    return ['bash', SCRIPT, 'exec', this.#name, String(host)]
  }

  /** Runs a command in a host and returns what it printed. */
  exec(host: number, ...command: readonly string[]): string {
    return this.#run('exec', host, ...command)
  }

  /** Ends the processes and leaves the hosts. */
  async clear(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.kill()))
  }

  async down(): Promise<void> {
    await this.clear()
    this.#run('down')
  }

  #run(command: string, ...args: readonly (string | number)[]): string {
    return execFileSync('bash', [SCRIPT, command, this.#name, ...args.map(String)], { encoding: 'utf8', timeout: 30_000 })
  }
}

export type Line = Readonly<Record<string, unknown>>

/** A process in a host; lines of JSON in and out. */
export class LabNode {
  readonly #child: ChildProcess
  readonly #exit: Promise<void>
  readonly #lines: Line[] = []
  #errors = ''
  #waiting: (() => void)[] = []

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exit = new Promise((resolve) => child.once('exit', () => resolve()))
    child.stdin?.on('error', () => {})
    child.stderr?.on('data', (chunk) => {
      this.#errors += chunk
    })
    let rest = ''
    child.stdout?.on('data', (chunk) => {
      const parts = `${rest}${chunk}`.split('\n')
      rest = parts.pop() ?? ''
      this.#lines.push(...parts.map((part) => JSON.parse(part)))
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  tell(line: Line): void {
    this.#child.stdin?.write(`${JSON.stringify(line)}\n`)
  }

  /** Takes the first line that fits, also one that came before; fails after the deadline. */
  async line(isWanted: (line: Line) => boolean, deadlineMs = 20_000): Promise<Line> {
    const deadline = AbortSignal.timeout(deadlineMs)
    for (;;) {
      const at = this.#lines.findIndex(isWanted)
      const [line] = at < 0 ? [] : this.#lines.splice(at, 1)
      if (line !== undefined) return line
      if (deadline.aborted) throw new Error(`no such line; there were ${JSON.stringify(this.#lines)} ${this.#errors}`)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  exited(): Promise<void> {
    return this.#exit
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }
}
