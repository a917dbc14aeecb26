/** Floor of the start: answers `initialize` and nothing else. */
let rest = ''
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()
  for (const line of lines) {
    const { id, params } = JSON.parse(line)
    if (id === undefined) continue
    const result = { protocolVersion: params?.protocolVersion, capabilities: {}, serverInfo: { name: 'echo', version: '0' } }
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
  }
})
process.stdin.on('end', () => process.exit(0))
