import type { ExchangeRequest } from '../auth/token-exchange.ts';
import type { Logger } from '../logging/logger.ts';
import { createToolLog } from '../logging/tool-log.ts';
import { createToolFetcher, type ToolFetcherOptions } from '../outgoing/tool-fetch.ts';
import { available } from '../secrets/available.ts';
import type { ReadSecret } from '../secrets/sources.ts';
import type { ToolConfig } from './config.ts';
import type { CallContext, ToolContext } from './tool.ts';

export interface EquipmentParts
  extends Pick<ToolFetcherOptions, 'caCertificates' | 'resolve' | 'connect' | 'ca'> {
  readonly readSecret: ReadSecret;
  /** @default - there is no issuer */
  readonly exchange?: ((request: ExchangeRequest) => Promise<string>) | undefined;
  readonly logger: Logger;
}

/** Makes the contexts of a tool's calls from the values of the stage. */
export function createContexts(
  tool: string,
  {
    settings,
    secrets,
    hosts,
    tokenExchange,
  }: Pick<ToolConfig, 'settings' | 'secrets' | 'hosts' | 'tokenExchange'>,
  { readSecret, exchange, logger, ...network }: EquipmentParts,
): (call: CallContext) => ToolContext {
  const fetcher = createToolFetcher({ ...network, hosts });

  async function secretOf(name: string, requestId: string, maxAgeMs?: number): Promise<string> {
    const reference = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    if (reference === undefined) {
      throw new Error(`the tool ${tool} has no secret ${name}; name it in needs.secrets`);
    }
    try {
      return await available((age) => readSecret(reference, age))(maxAgeMs);
    } catch (error) {
      const { reason } = error as { readonly reason?: string };
      logger.warn('tool_secret_unavailable', { tool, name, requestId, reason });
      throw error;
    }
  }

  async function upstreamToken({ subjectToken, requestId }: CallContext): Promise<string> {
    if (tokenExchange === undefined)
      throw new Error(`the tool ${tool} exchanges no tokens; state it in needs.tokenExchange`);
    if (exchange === undefined || subjectToken === undefined)
      throw new Error(`the tool ${tool} exchanges tokens, which needs an issuer`);
    const { audience, scopes = [], credentials } = tokenExchange;
    try {
      return await exchange({
        audience,
        scopes,
        credentials: () => secretOf(credentials, requestId),
        subjectToken: subjectToken(),
      });
    } catch (error) {
      const { reason } = error as { readonly reason?: string };
      logger.warn('tool_token_refused', { tool, requestId, reason });
      throw error;
    }
  }

  // Without the client's token. Members are named, because copies by rest and spread took a quarter of a call's CPU.
  return (call) => {
    const { requestId, client, user, trace, signal, progress, noteFinalHost } = call;
    return {
      requestId,
      client,
      user,
      trace,
      settings,
      signal,
      progress,
      noteFinalHost,
      upstreamToken: () => upstreamToken(call),
      secret: (name, maxAgeMs) => secretOf(name, requestId, maxAgeMs),
      fetch: fetcher(call),
      log: createToolLog(logger, { tool, requestId }),
    };
  };
}
