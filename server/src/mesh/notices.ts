/** Lines of ours for the person, each told once, at the next occasion. What nobody fetches is dropped, the oldest first. */
const MAX_NOTICES = 16

export class Notices {
  #lines: string[] = []

  add(line: string): void {
    if (!this.#lines.includes(line)) this.#lines = [...this.#lines, line].slice(-MAX_NOTICES)
  }

  get isWaiting(): boolean {
    return this.#lines.length > 0
  }

  take(): readonly string[] {
    const lines = this.#lines
    this.#lines = []
    return lines
  }
}
