/** Version of this server, the same as in package.json (held by a test). */
export const VERSION = '0.1.0';

/** First revision of the protocol without handshake and sessions; those before it are called legacy. */
export const FIRST_STATELESS_REVISION = '2026-07-28';
