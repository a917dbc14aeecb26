/**
 * Computes the vectors of this folder from the fixed seeds of `fixtures.ts`. They are normative: a change of these files
 * is a change of the wire. Run as a program (Node 24, which reads TypeScript) it writes them:
 *
 *     node test/vectors/generate.ts && npx biome format --write test/vectors
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { toBase64Url, toHex, utf8 } from '../../server/src/base/bytes.ts'
import { Secret } from '../../server/src/base/secret.ts'
import { fingerprintOf } from '../../server/src/identity/ids.ts'
import { signerFromSeed } from '../../server/src/identity/keys.ts'
import { buildCat7 } from '../../server/src/mmp/cat7.ts'
import { parseGroupId } from '../../server/src/mmp/group.ts'
import { receiptPayload, signReceipt } from '../../server/src/mmp/receipt.ts'
import { encodeRecord, mintCmb } from '../../server/src/mmp/record.ts'
import { evaluate, SVAF_DEFAULTS } from '../../server/src/mmp/svaf.ts'
import { attestTether, tetherOf, tetherPayload } from '../../server/src/mmp/tether.ts'
import { issueMember, issueNode } from '../../server/src/secure/certificate.ts'
import { formatInvite } from '../../server/src/secure/invite.ts'
import { knockMac, lanTagOf } from '../../server/src/secure/membership.ts'
import { hashOfSecret, signList } from '../../server/src/secure/revocation.ts'
import { createSeal } from '../../server/src/secure/seal.ts'
import { alice, bob, runHandshake, sessions } from './fixtures.ts'

const json = (bytes: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(bytes ?? utf8('null')).toString())

const cmb = mintCmb({
  fields: buildCat7({
    focus: 'the bridge opens at noon',
    issue: 'cafe\u0301 on the far side',
    mood: { text: 'calm', valence: 0.25, arousal: -0.5 },
  }),
  group: 'default',
  to: bob.nodeId,
  application: { mediaType: 'text/plain', schema: '', bytes: utf8('long text\n') },
  createdAt: 1_790_000_000_000,
  author: { nodeId: alice.nodeId, name: 'alice' },
  sign: alice.sign,
})

function handshakeVector() {
  const { clientHello, serverStep, clientStep } = runHandshake()
  const { client } = sessions()
  return {
    clientSeedHex: 'a1'.repeat(32),
    serverSeedHex: 'b0'.repeat(32),
    clientEphemeralHex: '0a'.repeat(32),
    serverEphemeralHex: '0b'.repeat(32),
    clientHello: json(clientHello),
    serverHello: json(serverStep.kind === 'continue' ? serverStep.send : undefined),
    clientFinish: json(clientStep?.kind === 'done' ? clientStep.send : undefined),
    transcriptHashHex: toHex(client.transcriptHash),
    sessionId: client.sessionId,
    clientToServerKeyHex: toHex(client.sendKey),
    serverToClientKeyHex: toHex(client.receiveKey),
  }
}

function sealVector() {
  const { client, server } = sessions()
  const [one, other] = [createSeal(client), createSeal(server)]
  const frame = (seal: typeof one, plaintext: string) => ({ plaintext, frame: json(seal.seal(utf8(plaintext))) })
  const long = JSON.stringify({ type: 'x-long', text: 'a'.repeat(60) })
  return {
    sessionId: client.sessionId,
    clientToServerKeyHex: toHex(client.sendKey),
    serverToClientKeyHex: toHex(client.receiveKey),
    clientToServer: { first: frame(one, '{"type":"ping"}'), second: frame(one, long) },
    serverToClient: { first: frame(other, '{"type":"pong"}') },
  }
}

function receiptVector() {
  const items = [
    { of: cmb.id, state: 'received', at: 1_790_000_000_500 },
    { of: cmb.id, state: 'surfaced', way: 'hook', at: 1_790_000_001_000 },
  ] as const
  const facts = { seq: 1, items }
  const parties = { recipient: bob.nodeId, author: alice.nodeId }
  const receipt = signReceipt(facts, parties, bob.sign)
  return { recipientSeedHex: 'b0'.repeat(32), ...parties, payloadHex: toHex(receiptPayload(facts, parties)), receipt }
}

/** What the published cases leave out: the age and confidence of anchors, weights, silent fields, a grounding report. */
function svafVector() {
  const incoming = { focus: [1, 0, 0], issue: [0.6, 0.8, 0], mood: [0, 0, 1] }
  const near = { vectors: { focus: [0.8, 0.5, 0], issue: [0.5, 0.5, 0] }, ageSeconds: 600 }
  const far = { vectors: { focus: [0.1, 0.9, 0], issue: [0, 0.2, 0.9] }, ageSeconds: 30, confidence: 0.4 }
  const cases = [
    { label: 'two anchors of different age and confidence', anchors: [near, far], ageSeconds: 120 },
    { label: 'the far one alone', anchors: [far], ageSeconds: 120 },
    { label: 'a report on what is held is no repetition', anchors: [{ vectors: incoming }], ageSeconds: 0, isGrounding: true },
    { label: 'the same without being a report', anchors: [{ vectors: incoming }], ageSeconds: 0 },
    { label: 'nothing to judge by', anchors: [{ vectors: { intent: [1, 0, 0] } }], ageSeconds: 7_200 },
  ]
  const judged = cases.map((one) => ({ ...one, expected: evaluate({ incoming, config: SVAF_DEFAULTS, ...one }) }))
  return { incoming, config: SVAF_DEFAULTS, cases: judged }
}

function tetherVector() {
  const [block, ancestor, weights] = [{ focus: [0.8, 0.6], issue: [0, 1] }, { focus: [1, 0], issue: [0.6, 0.8] }, { focus: 3 }]
  const tether = tetherOf(block, ancestor, weights)
  const facts = { of: cmb.key, anchor: cmb.key, kernelId: 'vectors', drift: tether.drift ?? 0, by: alice.nodeId, at: 1_790_000_000_000 }
  const signed = { ...facts, verdict: 'tethered' as const }
  const attestation = attestTether(signed, alice.sign)
  return { authorSeedHex: 'a1'.repeat(32), block, ancestor, weights, tether, payloadHex: toHex(tetherPayload(signed)), attestation }
}

/** A private group: its root, a person, a session of it, and what they sign. */
function membershipVector() {
  const [root, person, session] = [0x51, 0x53, 0x54].map((byte) => signerFromSeed(new Uint8Array(32).fill(byte)))
  const groupId = parseGroupId('00112233445566778899aabbccddeeff')
  if (!root || !person || !session || !groupId) throw new Error('unreachable')
  const [at, day] = [1_790_000_000_000, 86_400_000]
  const epochSecret = new Uint8Array(32).fill(0x55)
  const inviteSecret = toBase64Url(new Uint8Array(32).fill(0x56))
  const member = { groupId, member: person.publicKey, serial: '0123456789abcdef', notBefore: at, notAfter: at + 90 * day }
  const list = { groupId, epoch: 2, secretHash: hashOfSecret(epochSecret), serials: ['00000000000000aa'] }
  const { client } = sessions()
  const invite = {
    ...{ groupId, root: root.publicKey, label: 'backend-team', inviter: fingerprintOf(person.publicKey), relay: undefined },
    ...{ id: 'fedcba9876543210', secret: new Secret(inviteSecret), expiresAt: at + day },
  }
  return {
    rootSeedHex: '51'.repeat(32),
    personSeedHex: '53'.repeat(32),
    sessionSeedHex: '54'.repeat(32),
    groupId,
    at,
    memberCertificate: issueMember(member, root),
    nodeCertificate: issueNode(session.publicKey, { notBefore: at, notAfter: at + day }, person),
    revocationList: signList(list, root),
    epochSecret: toBase64Url(epochSecret),
    inviteSecret,
    invite: formatInvite(invite, root),
    transcriptHashHex: toHex(client.transcriptHash),
    epochKnock: knockMac(toBase64Url(epochSecret), 'epoch', '2', client.transcriptHash),
    inviteKnock: knockMac(inviteSecret, 'invite', invite.id, client.transcriptHash),
    lanInstance: `p${'57'.repeat(16)}`,
    lanTag: lanTagOf(toBase64Url(epochSecret), `p${'57'.repeat(16)}`, at),
  }
}

/** Name of the file → what it holds. */
export function vectors(): Readonly<Record<string, unknown>> {
  return {
    'handshake.json': handshakeVector(),
    'seal.json': sealVector(),
    'record.json': { authorSeedHex: 'a1'.repeat(32), record: encodeRecord(cmb) },
    'receipt.json': receiptVector(),
    'membership.json': membershipVector(),
    'svaf.json': svafVector(),
    'tether.json': tetherVector(),
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, vector] of Object.entries(vectors())) {
    writeFileSync(path.join(import.meta.dirname, name), `${JSON.stringify(vector, null, 2)}\n`)
  }
}
