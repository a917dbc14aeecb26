/**
 * Writes numbered rows for ever and prints a number only once its row is acknowledged, so that whoever kills this
 * process knows what must be found afterwards. Arguments: file, driver, first number.
 */
import { writeSync } from 'node:fs'
import type { DriverName } from '../../../server/src/store/driver.ts'
import { openDatabase } from '../../../server/src/store/open.ts'
import { ROWS } from './rows.ts'

const [, , file = '', driver = '', first = '0'] = process.argv
const name: DriverName = driver === 'node' ? 'node' : 'wasm'
const database = await openDatabase(file, [ROWS], { driver: name })

for (let next = Number(first); ; next += 5) {
  const batch = Array.from({ length: 5 }, (_, offset) => next + offset)
  const acknowledged = batch.map((id) =>
    database
      .write(() => database.run('INSERT INTO rows (id, text) VALUES (?, ?)', id, 'x'.repeat(id % 3_000)))
      .then(() => writeSync(1, `${id}\n`)),
  )
  await Promise.all(acknowledged)
}
