import { createStaticDiscovery, parseStaticPeers } from '../../server/src/discovery/static.ts'
import { discoveryContract } from './discovery.ts'

discoveryContract('static', async () => ({
  discovery: createStaticDiscovery(parseStaticPeers('192.0.2.1:4000')),
  nodeId: undefined,
  appear() {},
  teardown: async () => {},
}))
