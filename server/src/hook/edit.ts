/**
 * The path of a file that a tool has just edited: all that is read of a tool's input, and only where the person shares
 * files, which the server says by wanting it.
 */
const EDITING_TOOLS = ['Edit', 'MultiEdit', 'NotebookEdit', 'Write']
const MAX_PATH_CHARACTERS = 4_096

export function editedFile(input: Readonly<Record<string, unknown>>): string | undefined {
  const { tool_name: tool, tool_input: given } = input
  if (typeof tool !== 'string' || !EDITING_TOOLS.includes(tool) || typeof given !== 'object' || given === null) return undefined
  const file = 'file_path' in given ? given.file_path : 'notebook_path' in given ? given.notebook_path : undefined
  return typeof file === 'string' && file !== '' && file.length <= MAX_PATH_CHARACTERS ? file : undefined
}
