/** What we use of `node:sqlite`, which the types of Node 20 do not have. */
declare module 'node:sqlite' {
  type Value = null | number | bigint | string | Uint8Array
  interface StatementSync {
    run(...parameters: Value[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint }
    all(...parameters: Value[]): Record<string, null | number | string | Uint8Array>[]
  }
  class DatabaseSync {
    constructor(path: string)
    exec(sql: string): void
    prepare(sql: string): StatementSync
    close(): void
  }
}
