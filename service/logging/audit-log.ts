import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Outcome } from '../errors.ts';
import { startOf } from '../well-formed.ts';
import { GENESIS, hashOf, withHash } from './audit-chain.ts';
import { jsonLine } from './json-line.ts';
import type { LineWriter } from './line-writer.ts';
import type { Logger } from './logger.ts';
import { argumentKeyOf, type RuleOf, recordedArguments } from './recorded-arguments.ts';
import { redactText } from './redact-text.ts';
import { isMasked, withoutMasked } from './without-masked.ts';

/** The recorded fields of one request. Absent fields were not known when the request ended. */
export interface AuditEvent {
  readonly requestId: string;
  /** Trace of the client's request (W3C Trace Context), or one of our own: 32 lower-case hex digits. */
  readonly traceId?: string | undefined;
  readonly clientId?: string | undefined;
  /** The person for whom the client acts, as the issuer identifies it. */
  readonly userId?: string | undefined;
  readonly sourceIp?: string | undefined;
  readonly protocolVersion?: string | undefined;
  readonly method?: string | undefined;
  readonly tool?: string | undefined;
  /** URI that the client read. */
  readonly resource?: string | undefined;
  readonly prompt?: string | undefined;
  readonly arguments?: unknown;
  /** Host of the URL that the call asked for, with its port unless it is the scheme's default; lower case, punycode. */
  readonly host?: string | undefined;
  /** Host that responded, or the last one that a redirect led to; absent when none responded. */
  readonly finalHost?: string | undefined;
  readonly outcome: Outcome;
  readonly errorCode?: string | undefined;
  /** Why the request was refused or failed, for the operator; clients never see it. */
  readonly reason?: string | undefined;
  readonly durationMs: number;
  /** Size of the response body in bytes. */
  readonly resultBytes: number;
}

const MAX_ARGUMENTS_BYTES = 2048;
/** A DNS name of 253 characters and a port. */
const MAX_HOST = 260;
/**
 * Upper bound of one line: 2048 bytes of arguments; 400 characters of reason, two fields of 256 and four of 128, each up
 * to 6 bytes as JSON (8544); two hosts, which are ASCII (520); names, numbers and hashes (under 700). A record has a tool, a
 * resource or a prompt.
 */
export const MAX_RECORD_BYTES = 12 * 1024;
const SETTLE_MS = 10;

/**
 * The audit trail: one JSON line per request, each authenticated with HMAC-SHA-256 over itself and its predecessor's
 * hash, so that the holder of the key detects a changed, removed or inserted line. Every process starts a new chain,
 * with 64 zeros and `seq` 1.
 */
export class AuditLog {
  readonly #writer: LineWriter;
  readonly #key: KeyObject;
  readonly #argumentKey: KeyObject;
  readonly #ruleOf: RuleOf;
  readonly #now: () => number;
  readonly #logger: Logger;
  /** Sanitized texts: the same few addresses, names and versions recur. */
  readonly #safe = new LRUCache<string, string>({ max: 1000 });
  #prev = GENESIS;
  #seq = 0;
  #admitted = 0;
  #refused = 0;

  /** @param options `ruleOf`: how the arguments of a tool are recorded. @default - all in full, redacted */
  constructor(options: {
    writer: LineWriter;
    key: KeyObject;
    now: () => number;
    logger: Logger;
    ruleOf?: RuleOf | undefined;
  }) {
    this.#writer = options.writer;
    this.#key = options.key;
    this.#argumentKey = argumentKeyOf(options.key);
    this.#ruleOf = options.ruleOf ?? (() => undefined);
    this.#now = options.now;
    this.#logger = options.logger;
  }

  /**
   * Reserves room for one record. After `true` the caller must call `record` exactly once.
   *
   * @returns false when a record might not fit: the log driver is stalled or gone, and the request must be refused
   */
  admit(): boolean {
    const reserved = (this.#admitted + 1) * MAX_RECORD_BYTES;
    if (this.#writer.broken || this.#writer.queuedBytes + reserved > this.#writer.capacityBytes) {
      if (this.#refused === 0)
        this.#logger.error('audit_backpressure', { queuedBytes: this.#writer.queuedBytes });
      this.#refused += 1;
      return false;
    }
    // Logged once the buffer has drained by half, so that a log driver at its limit does not flood the other log.
    if (this.#refused > 0 && this.#writer.queuedBytes < this.#writer.capacityBytes / 2) {
      this.#logger.warn('audit_recovered', { refusedRequests: this.#refused });
      this.#refused = 0;
    }
    this.#admitted += 1;
    return true;
  }

  /** Writes the record of an admitted request. */
  record(event: AuditEvent): void {
    this.#admitted -= 1;
    this.#seq += 1;
    const fields = {
      type: 'audit',
      time: new Date(this.#now()).toISOString(),
      seq: this.#seq,
      requestId: event.requestId,
      traceId: event.traceId,
      // Not redacted, but for what the log group masks: authentication has established it, and many issuers' client ids
      // look like keys.
      clientId: event.clientId === undefined ? undefined : startOf(event.clientId, 256),
      userId: event.userId === undefined ? undefined : startOf(event.userId, 128),
      sourceIp: this.#bounded(event.sourceIp),
      protocolVersion: this.#bounded(event.protocolVersion),
      method: this.#bounded(event.method),
      tool: this.#bounded(event.tool),
      resource: event.resource === undefined ? undefined : startOf(redactText(event.resource), 256),
      prompt: this.#bounded(event.prompt),
      arguments: recordedArguments(
        event.arguments,
        this.#ruleOf(event.tool),
        this.#argumentKey,
        MAX_ARGUMENTS_BYTES,
      ),
      // Not redacted either: the record must show the exact host, and a host name contains no path and no query.
      host: hostOf(event.host),
      finalHost: hostOf(event.finalHost),
      outcome: event.outcome,
      errorCode: event.errorCode,
      reason: event.reason === undefined ? undefined : startOf(redactText(event.reason), 400),
      durationMs: Math.round(event.durationMs * 10) / 10,
      resultBytes: event.resultBytes,
      prev: this.#prev,
    };
    const redacted = jsonLine(fields);
    // The log group must not mask a record: the chain could not be checked where it is read masked, as in the archive.
    const line = isMasked(redacted) ? jsonLine(withoutMasked(fields)) : redacted;
    const hash = hashOf(line, this.#key);
    this.#writer.write(withHash(line, hash));
    this.#prev = hash;
  }

  /** These come from clients: a token in the wrong field must not reach the log either. */
  #bounded(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const start = text.slice(0, 512);
    let safe = this.#safe.get(start);
    if (safe === undefined) {
      safe = startOf(redactText(start), 128);
      this.#safe.set(start, safe);
    }
    return safe;
  }

  /** Resolves when every admitted request has its record and every record is written. */
  async settle(): Promise<void> {
    while (this.#admitted > 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await this.#writer.flush();
  }
}

function hostOf(host: string | undefined): string | undefined {
  return host === undefined ? undefined : startOf(host, MAX_HOST);
}
