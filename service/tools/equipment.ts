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
  readonly logger: Logger;
}

/** Makes the contexts of a tool's calls from the values of the stage. */
export function createContexts(
  tool: string,
  { settings, secrets, hosts }: Pick<ToolConfig, 'settings' | 'secrets' | 'hosts'>,
  { readSecret, logger, ...network }: EquipmentParts,
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

  return (call) => ({
    ...call,
    settings,
    secret: (name, maxAgeMs) => secretOf(name, call.requestId, maxAgeMs),
    fetch: fetcher(call),
    log: createToolLog(logger, { tool, requestId: call.requestId }),
  });
}
