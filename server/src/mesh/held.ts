/**
 * Why something that arrived is not shown to Claude unasked: a word for its author, which travels as the way of the
 * receipt `received`, and a sentence for either side. A word that a later version sends is shown as it is.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  'held-hops': 'too many messages in a row that no person had a part in',
  'held-circle': 'it came back in a circle of nodes',
  'held-thread': 'too many automatic messages in this conversation',
  'held-same': 'nearly the same words were exchanged shortly before',
  'held-questions': 'too many open questions of this peer',
  'held-withdrawn': 'taken back before it was shown',
  'held-withdrawn-pushed': 'taken back; it was pushed before, and may have been read',
  'held-withdrawal': 'it takes back a message that was not shown',
  'held-pair': 'the loop breaker is open for these two nodes',
}

/** Whether the recipient has it and keeps it from its Claude. */
export function isHeldWay(way: string): boolean {
  return way.startsWith('held-')
}

export function heldSentence(way: string): string {
  return SENTENCES[way] ?? way.replace(/^held-/, '').replaceAll('-', ' ')
}
