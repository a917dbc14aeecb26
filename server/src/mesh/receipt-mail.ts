/**
 * Receipts on their way to their authors: signed when they are sent, repeated on each new link page by page, until the
 * author acknowledges them. What is sent here is on disk already.
 */
import type { Fingerprint } from '../identity/ids.ts'
import { signReceipt } from '../mmp/receipt.ts'
import type { NodeKeys } from '../secure/session.ts'
import type { LazyWrites } from './lazy-writes.ts'
import type { Link } from './link.ts'
import type { OpenReceipt, ReceiptBook } from './receipts.ts'

export interface ReceiptMailDeps {
  readonly keys: NodeKeys
  readonly book: ReceiptBook
  readonly lazy: LazyWrites
  readonly linkTo: (fingerprint: Fingerprint, group: string) => Link | undefined
  /** For an author that is away. */
  readonly leave: (receipt: OpenReceipt) => void
}

interface Page {
  readonly lastSeq: number
  /** Acknowledgements to come before the next page; undefined when this was the last one. */
  left: number | undefined
}

/** Receipts that are repeated at once; more follow when half of them are acknowledged. */
const PAGE = 200

export class ReceiptMail {
  readonly #deps: ReceiptMailDeps
  /** How far the open receipts were sent on each link. */
  readonly #pages = new Map<Link, Page>()

  constructor(deps: ReceiptMailDeps) {
    this.#deps = deps
  }

  /** To whom is away they go with the next link, and by a relay where that is possible. */
  send(receipts: readonly OpenReceipt[]): void {
    for (const receipt of receipts) {
      const link = this.#deps.linkTo(receipt.fingerprint, receipt.group)
      if (link) this.#sendOn(link, receipt)
      else this.#deps.leave(receipt)
    }
  }

  linkUp(link: Link): void {
    this.#sendPage(link, 0)
  }

  linkDown(link: Link): void {
    this.#pages.delete(link)
  }

  onAck(link: Link, seq: number): void {
    this.#deps.lazy.add(() => this.#deps.book.acknowledge(seq, link.peer.fingerprint))
    const page = this.#pages.get(link)
    if (page?.left === undefined) return
    page.left--
    if (page.left <= PAGE / 2) this.#sendPage(link, page.lastSeq)
  }

  /** Not all at once: an author that comes back to thousands must not be flooded. */
  #sendPage(link: Link, afterSeq: number): void {
    const receipts = this.#deps.book.openFor(link.peer.fingerprint, link.group, afterSeq, PAGE)
    const lastSeq = receipts.at(-1)?.seq ?? afterSeq
    const pending = this.#pages.get(link)?.left ?? 0
    this.#pages.set(link, { lastSeq, left: receipts.length < PAGE ? undefined : pending + receipts.length })
    for (const receipt of receipts) this.#sendOn(link, receipt)
  }

  #sendOn(link: Link, { seq, items }: OpenReceipt): void {
    const { keys } = this.#deps
    const parties = { recipient: keys.nodeId, author: link.peer.nodeId }
    link.send({ type: 'mesh-opaque-v1-receipt', ...signReceipt({ seq, items }, parties, (bytes) => keys.sign(bytes)) })
  }
}
