/** Version of this server, the same as in package.json (checked by a test). */
export const VERSION = '0.1.0';

/** First protocol revision without handshake and sessions; older revisions are called legacy. */
export const FIRST_STATELESS_REVISION = '2026-07-28';
