/** File name → bytes of everything that belongs into `server/dist`. */
export function buildBundles(options?: { root?: string; entries?: string }): Promise<Map<string, Buffer>>
/** In which files `folder` is not exactly that; empty when it is. */
export function differences(folder: string, files: ReadonlyMap<string, Buffer>): string[]
export function writeBundles(folder: string, files: ReadonlyMap<string, Buffer>): void
