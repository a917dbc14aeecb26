/** The one version of the package; a test holds the manifests to it. */
export const VERSION = '0.1.0'
/** No clock that is right shows an earlier time. */
export const RELEASED_AT = Date.UTC(2026, 9, 1)
