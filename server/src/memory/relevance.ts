/**
 * How loudly a broadcast speaks in this session: in full, as a headline, or as one more in a count. Words alone are a weak
 * judge, so what is certain is asked first: the person's own wishes, a question, a mention, a thread that this session
 * takes part in, a file that it named. Only then the words decide, by the gate of the protocol. It is advice and no
 * security: who may speak at all was decided before, and whatever is found here, the message stays in the inbox.
 *
 * A message to this session alone never comes here.
 */
import type { Clock } from '../base/clock.ts'
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Cmb } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import { evaluate, hasMood, isGroundingReport } from '../mmp/svaf.ts'
import { Anchors, type HeldAnchor, type Part } from './anchors.ts'
import { type Encoder, lexicalEncoder } from './encoder.ts'
import { describeInterest, findInterest, type Interests, pathsIn, spokenText } from './interests.ts'
import { isAccepted, type JudgedWords, type Judgement, type Loudness, type Signal } from './judgement.ts'
import type { Memory } from './memory.ts'
import { mentionOf } from './mention.ts'

export interface Heard {
  readonly cmb: Cmb
  readonly from: Fingerprint
  readonly tags: readonly string[]
  readonly envelope: Envelope | undefined
  /** The words of its author were compared by a person. */
  readonly isVerified: boolean
  /** Its author works in the repository of this session. */
  readonly isSameRepository: () => boolean
}

export interface RelevanceDeps {
  readonly clock: Clock
  readonly memory: Memory
  readonly self: Fingerprint
  /** What others may call this node. */
  readonly name: () => string
  /** What it may be addressed by as well: the tags that it carries. */
  readonly labels: () => readonly string[]
  /** The person's wishes as they are now. */
  readonly interests: () => Interests
  readonly encoder?: Encoder
}

/** `asrt-` and as many digits as lists show. */
const ANCHOR_ID_CHARACTERS = 21

type Found = { readonly by: Signal; readonly detail: string } | undefined
type Settled = Omit<Judgement, 'loudness'>

export class Relevance {
  readonly #deps: RelevanceDeps
  readonly #encoder: Encoder
  readonly #anchors: Anchors

  constructor(deps: RelevanceDeps) {
    this.#deps = deps
    this.#encoder = deps.encoder ?? lexicalEncoder
    this.#anchors = new Anchors({ encoder: this.#encoder, clock: deps.clock, latest: (limit) => deps.memory.anchorCandidates(limit) })
    deps.memory.onKept((candidate) => (candidate ? this.#anchors.add(candidate) : this.#anchors.forget()))
  }

  /** Undefined for a message to one peer, which is never judged. */
  judge(heard: Heard): Judgement | undefined {
    if (heard.cmb.to !== undefined) return undefined
    const settled = this.#ignored(heard) ?? this.#meant(heard) ?? this.#echo(heard) ?? this.#certain(heard) ?? this.#byWords(heard)
    return { ...settled, loudness: loudnessOf(settled, heard.cmb) }
  }

  /** How a group message means this node, in a clause of ours; undefined where it does not. */
  mentions({ cmb, tags, envelope }: Heard): string | undefined {
    const { self, name, labels } = this.#deps
    if (cmb.to !== undefined) return undefined
    return mentionOf({ fields: cmb.fields, tags, envelope }, { fingerprint: self, name: name(), labels: labels() })
  }

  #ignored(heard: Heard): Settled | undefined {
    const interest = findInterest(this.#deps.interests().ignore, subjectOf(heard))
    return interest && settle('rejected', { by: 'ignored', detail: describeInterest(interest) })
  }

  #certain(heard: Heard): Settled | undefined {
    const found = this.#thread(heard) ?? this.#followed(heard) ?? this.#sameFile(heard) ?? this.#fewAnchors()
    return found && settle('aligned', found)
  }

  #meant(heard: Heard): Settled | undefined {
    const found = this.#question(heard) ?? this.#mention(heard)
    return found && settle('aligned', found)
  }

  /** Our own words in another mouth, said to descend from ours: they bring nothing new (the echo guard of MMP 5.4). */
  #echo({ cmb }: Heard): Settled | undefined {
    const { memory, self } = this.#deps
    const isEcho = memory.hasKeyBy(cmb.key, self) && cmb.parents.some((key) => memory.hasKeyBy(key, self))
    return isEcho ? settle('redundant', { by: 'echo', detail: 'repeats words of this session' }) : undefined
  }

  #question({ envelope }: Heard): Found {
    return envelope?.question && { by: 'question', detail: 'a reply is expected' }
  }

  #mention(heard: Heard): Found {
    const detail = this.mentions(heard)
    return detail === undefined ? undefined : { by: 'mention', detail }
  }

  #thread({ cmb, envelope }: Heard): Found {
    const { memory, self } = this.#deps
    if (envelope?.replyTo !== undefined && memory.isBy(envelope.replyTo, self)) return { by: 'thread', detail: 'answers this session' }
    if (envelope?.thread !== undefined && memory.hasSpokenIn(envelope.thread, self)) {
      return { by: 'thread', detail: 'goes on where this session took part' }
    }
    return cmb.parents.some((key) => memory.hasKeyBy(key, self))
      ? { by: 'thread', detail: 'descends from words of this session' }
      : undefined
  }

  #followed(heard: Heard): Found {
    const interest = findInterest(this.#deps.interests().follow, subjectOf(heard))
    return interest && { by: 'followed', detail: describeInterest(interest) }
  }

  #sameFile({ cmb }: Heard): Found {
    const named = pathsIn(spokenText(cmb.fields))
    if (named.size === 0) return undefined
    const ours = this.#anchors.held.filter(({ fingerprint }) => fingerprint === this.#deps.self)
    const shared = ours.flatMap(({ paths }) => [...paths]).find((path) => named.has(path))
    return shared === undefined ? undefined : { by: 'same-file', detail: `names ${shared}, which this session named` }
  }

  /** So early nothing can be judged; it is how the first words of two sessions that know nothing reach each other. */
  #fewAnchors(): Found {
    const { grounds } = this.#anchors
    const wanted = LIMITS.anchors.grounds
    return grounds < wanted ? { by: 'few-anchors', detail: `this session has said ${grounds} things of the ${wanted} it takes` } : undefined
  }

  #byWords(heard: Heard): Settled {
    const words = this.#compare(heard)
    const decision = words.decision === 'rejected' && heard.isSameRepository() ? 'guarded' : words.decision
    return { ...settle(decision, { by: 'words', detail: '' }), isLifted: decision !== words.decision, words: words.judged }
  }

  #compare({ cmb, isVerified }: Heard) {
    const { clock, memory } = this.#deps
    const now = clock.now()
    const { held } = this.#anchors
    const ageSeconds = Math.max(0, now - cmb.createdAt) / 1_000
    const holdsParent = cmb.parents.some((key) => memory.hasKey(key))
    const verdict = evaluate({
      incoming: this.#encoder.encode(cmb.fields),
      anchors: held.map(({ vectors, keptAt }) => ({ vectors, ageSeconds: Math.max(0, now - keptAt) / 1_000 })),
      ageSeconds,
      config: this.#encoder.config,
      isGrounding: isGroundingReport(cmb.fields, { isVerified, holdsParent }),
    })
    const { totalDrift, maxNearestDrift, isColdStart, fields } = verdict
    const judged: JudgedWords = {
      kernelId: this.#encoder.kernelId,
      totalDrift,
      maxNearestDrift,
      ageSeconds,
      isColdStart,
      fields,
      anchors: held.map(({ id }: HeldAnchor) => id.slice(0, ANCHOR_ID_CHARACTERS)),
    }
    return { decision: verdict.decision, judged }
  }
}

/** What a block that was kept is to later ones. */
export function partOf(heard: Heard, judgement: Judgement | undefined): Part {
  if (judgement !== undefined && !isAccepted(judgement)) return 'aside'
  if (heard.isVerified) return 'trusted'
  return judgement?.by === 'words' && judgement.words?.isColdStart === false ? 'earned' : 'kept'
}

function subjectOf({ cmb, from, tags }: Heard) {
  return { fields: cmb.fields, tags, group: cmb.group, from }
}

function settle(decision: Judgement['decision'], { by, detail }: NonNullable<Found>): Settled {
  return { decision, by, detail, isLifted: false, words: undefined }
}

/** A mood is heard also from a block that was not accepted; what the person turned away says nothing at all. */
function loudnessOf({ decision, by }: Settled, { fields }: Cmb): Loudness {
  switch (decision) {
    case 'aligned':
      return 'whole'
    case 'guarded':
      return 'headline'
    case 'redundant':
    case 'rejected':
      return by !== 'ignored' && hasMood(fields) ? 'mood' : 'count'
  }
}
