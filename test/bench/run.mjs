#!/usr/bin/env node
/**
 * `npm run bench`: how fast `server/dist` is, always beside a floor that was measured in the same run. Prints a table, or
 * with `--json` one object. A figure never fails it.
 *
 *     node test/bench/run.mjs [--json] [--only start,hook,latency,ask,throughput,idle,discovery,memory,relay]
 */
import { cpus } from 'node:os'

const ALL = ['start', 'hook', 'latency', 'ask', 'throughput', 'idle', 'discovery', 'memory', 'relay']

const args = process.argv.slice(2)
const asJson = args.includes('--json')
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : ALL
const machine = { node: process.version, platform: process.platform, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }

const results = {}
for (const name of ALL.filter((known) => only.includes(known))) {
  if (!asJson) console.log(`\n${name}`)
  results[name] = await measure(name)
  if (!asJson) for (const line of results[name]) console.log(`  ${format(line)}`)
}
if (asJson) console.log(JSON.stringify({ machine, results }, null, 2))
else console.log(`\n${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}. Only ratios within one run count.`)

async function measure(name) {
  const { run } = await import(`./${name}.mjs`)
  try {
    return await run()
  } catch (error) {
    return [{ metric: name, skipped: error.message }]
  }
}

function format({ metric, skipped, value, unit, ratio, p10, p90, target, n }) {
  if (skipped !== undefined) return `${metric.padEnd(62)} skipped: ${skipped}`
  const figure = `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`.padStart(12)
  const spread = p10 === undefined ? '' : `  ${p10.toFixed(1)}–${p90.toFixed(1)}`
  return `${metric.padEnd(62)}${figure}${(ratio ? `${ratio.toFixed(2)}x` : '').padStart(9)}${spread.padEnd(16)}n=${n}${target ? `  gate ${target}` : ''}`
}
