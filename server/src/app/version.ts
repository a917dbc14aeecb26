/** The one version of the package; a test holds the manifests to it. */
export const VERSION = '0.1.0'
