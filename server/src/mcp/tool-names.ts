/** The tools that exist. Manifests, commands, skills and instructions may name these and no others; a test compares. */
export const TOOL_NAMES = [
  'sym_status',
  'sym_peers',
  'sym_set_summary',
  'sym_send',
  'sym_observe',
  'sym_ask',
  'sym_reply',
  'sym_inbox',
  'sym_fetch',
  'sym_recall',
  'sym_group_info',
  'sym_invite_create',
  'sym_invite_info',
  'sym_join_group',
  'sym_groups_discover',
] as const

export type ToolName = (typeof TOOL_NAMES)[number]
