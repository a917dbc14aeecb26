/** A terminal to draw on: the other screen, without a cursor; all of it is undone at the end, also by a signal or a fault. */
import type { ReadStream, WriteStream } from 'node:tty'
import type { Screen } from '../cli/watch-command.ts'
import type { Environment } from './settings.ts'

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
/** To the end of a line: what a longer one left goes. */
const WIPE = '\u001b[K'

/** Undefined where output is no terminal that can be drawn on. */
export function createScreen(env: Environment, input: ReadStream, output: WriteStream): Screen | undefined {
  if (!output.isTTY || env['TERM'] === 'dumb') return undefined
  let undo: (() => void) | undefined
  let drawn = ''
  const leave = (): void => {
    undo?.()
    undo = undefined
  }
  return {
    hasColour: (env['NO_COLOR'] ?? '') === '',
    size: () => ({ columns: output.columns || 80, rows: output.rows || 24 }),
    draw: (lines) => {
      const frame = HOME + lines.join(`${WIPE}\r\n`) + WIPE
      if (frame !== drawn) output.write(frame)
      drawn = frame
    },
    enter: ({ onResize, onKey }) => {
      const resized = (): void => {
        drawn = ''
        onResize()
      }
      const pressed = (bytes: Buffer): void => onKey(bytes.toString('latin1'))
      undo = () => {
        process.off('exit', leave)
        output.off('resize', resized)
        input.off('data', pressed)
        if (input.isTTY) input.setRawMode(false)
        input.pause()
        output.write(LEAVE)
      }
      process.once('exit', leave)
      output.on('resize', resized)
      if (input.isTTY) {
        input.setRawMode(true)
        input.on('data', pressed)
      }
      output.write(ENTER)
    },
    leave,
  }
}
