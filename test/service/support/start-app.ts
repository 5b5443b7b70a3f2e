import { createSecretKey } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import { type AppOptions, createApp } from '../../../service/app.ts';
import { EVERYTHING_ALLOWED } from '../../../service/auth/access-list.ts';
import { createChallenge } from '../../../service/auth/challenge.ts';
import { createHashedTokenVerifier } from '../../../service/auth/hashed-tokens.ts';
import type { TransportOptions } from '../../../service/http/transport.ts';
import { createAuthFailureLimit } from '../../../service/limits/auth-failure-limit.ts';
import { createConcurrencyLimits } from '../../../service/limits/concurrency-limits.ts';
import { createSlidingWindow } from '../../../service/limits/sliding-window.ts';
import { AuditLog } from '../../../service/logging/audit-log.ts';
import { createCallLog } from '../../../service/logging/call-log.ts';
import { LineWriter } from '../../../service/logging/line-writer.ts';
import { createLogger } from '../../../service/logging/logger.ts';
import { createRules, type RuleOf } from '../../../service/logging/recorded-arguments.ts';
import { createToolCaller } from '../../../service/mcp/call-tool.ts';
import { createFastPath, type FastPath } from '../../../service/mcp/fast-path.ts';
import { createPromptGetter, type ServedPrompt, servedPrompt } from '../../../service/mcp/get-prompt.ts';
import {
  createResourceReader,
  type ServedResource,
  servedResource,
} from '../../../service/mcp/read-resource.ts';
import type { ServedTool } from '../../../service/mcp/served-tool.ts';
import {
  createMcpServerFactory,
  type McpServerFactory,
  type McpServerOptions,
} from '../../../service/mcp/server.ts';
import type { Prompt } from '../../../service/prompts/prompt.ts';
import type { Resource } from '../../../service/resources/resource.ts';
import { listen } from '../../../service/serve/http-server.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import { type LeakCheck, leaks as leaksOfThisFile } from './leaks.ts';
import { TOKEN_DOCUMENT, TOKENS } from './tokens.ts';
import { TEST_TOOLS } from './tools.ts';

export const AUDIT_KEY = 'k'.repeat(32);

export type AuditRecord = Record<string, unknown> & { outcome: string; hash: string; prev: string };

export interface RunningApp {
  readonly url: string;
  /** Every audit record so far, once there are `count`. */
  audit(count?: number): Promise<AuditRecord[]>;
  auditText(): string;
  logText(): Promise<string>;
  /** One POST of a JSON-RPC message with alice's token; headers of value `undefined` are left out. */
  post(body: unknown, headers?: Record<string, string | undefined>): Promise<Response>;
  drain(timeoutMs: number): Promise<boolean>;
  /** Whether every admitted request got its record, after the stop. */
  drained: Promise<boolean>;
  stop(): Promise<void>;
}

export interface StartOptions extends Partial<Omit<AppOptions, 'transport' | 'shutdown'>> {
  readonly toolLimitPerMinute?: number;
  readonly authFailureLimitPerMinute?: number;
  readonly tokenDocument?: (maxAgeMs?: number) => Promise<string>;
  readonly now?: () => number;
  /** @default - the test tools */
  readonly tools?: readonly (Tool | ServedTool)[];
  /** @default - none */
  readonly resources?: readonly (Resource | ServedResource)[];
  /** @default - none */
  readonly prompts?: readonly (Prompt | ServedPrompt)[];
  /** Makes the protocol layer over the tool stage. @default createMcpServerFactory */
  readonly createFactory?: (options: McpServerOptions) => McpServerFactory;
  /** @default createFastPath */
  readonly createDirect?: (options: McpServerOptions) => FastPath;
  readonly transport?: Partial<TransportOptions>;
  /** Port to listen on. @default - a free one */
  readonly port?: number;
  /** Receives secrets and output. @default - the check of the test file */
  readonly leaks?: LeakCheck;
}

/** The rules of tools that hide arguments. @returns undefined if none does */
function rulesOf(tools: readonly (Tool | ServedTool)[]): RuleOf | undefined {
  const rules = tools.flatMap((tool) =>
    'entry' in tool && tool.recording ? [[tool.entry.name, tool.recording] as const] : [],
  );
  return rules.length === 0 ? undefined : createRules(new Map(rules));
}

/** The production pipeline with test tools, real in every stage, on a free port of loopback. */
export async function startApp({ transport, ...options }: StartOptions = {}): Promise<RunningApp> {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-test-'));
  const auditFile = join(directory, 'audit');
  const logFile = join(directory, 'log');
  const now = options.now ?? Date.now;
  const auditWriter = new LineWriter(openSync(auditFile, 'a'), 16 * 1024 * 1024);
  const logWriter = new LineWriter(openSync(logFile, 'a'), 1024 * 1024);
  const logger = createLogger(logWriter, now);
  const auditLog = new AuditLog({
    writer: auditWriter,
    key: createSecretKey(Buffer.from(AUDIT_KEY)),
    now,
    logger,
    ruleOf: rulesOf(options.tools ?? []),
  });
  const limiter = options.limiter ?? createSlidingWindow(now);
  const limitPerMinute = options.toolLimitPerMinute ?? 1000;
  const tools = options.tools ?? TEST_TOOLS;
  const access = options.access ?? EVERYTHING_ALLOWED;
  const challenge = options.challenge ?? createChallenge();
  const resources = (options.resources ?? []).map(servedResource);
  const prompts = (options.prompts ?? []).map(servedPrompt);
  const guard = { limiter, limitPerMinute, challenge, logger, started: createCallLog(logWriter, now) };
  const offers = {
    ...{ tools, resources, prompts, access },
    callTool: createToolCaller({ tools, access, ...guard }),
    readResource: createResourceReader({ resources, ...guard }),
    getPrompt: createPromptGetter({ prompts, ...guard }),
  };
  const createFactory = options.createFactory ?? createMcpServerFactory;
  const createDirect = options.createDirect ?? createFastPath;
  const leaks = options.leaks ?? leaksOfThisFile;
  leaks.secret('audit key', AUDIT_KEY);
  for (const token of Object.values(TOKENS)) leaks.token(token);
  const document = async (maxAgeMs?: number) => {
    const text = (await options.tokenDocument?.(maxAgeMs)) ?? TOKEN_DOCUMENT;
    leaks.document('token list', text);
    return { value: text, readAt: performance.now() };
  };
  let settled: (complete: boolean) => void = () => {};
  const drained = new Promise<boolean>((resolve) => {
    settled = resolve;
  });
  const shutdown = new AbortController();
  const app = createApp({
    transport: {
      hosts: new Set(['127.0.0.1', 'localhost']),
      allowsOrigin: (origin) => origin === 'https://app.example.com',
      maxBodyBytes: 4096,
      ...transport,
    },
    trustedHops: 0,
    access,
    auditLog,
    verifier: createHashedTokenVerifier({ document, monotonic: () => performance.now(), now, logger }),
    challenge,
    authFailureLimit: createAuthFailureLimit({
      limitPerMinute: options.authFailureLimitPerMinute ?? 10_000,
      now,
    }),
    limiter,
    clientLimitPerMinute: 10_000,
    userLimitPerMinute: 10_000,
    concurrency: createConcurrencyLimits({ maxConcurrent: 10_000, smallBodies: 10_000, largeBodies: 10_000 }),
    createServer: createFactory({ ...offers, version: '0.0.0' }),
    fastPath: createDirect({ ...offers, version: '0.0.0' }),
    logger,
    shutdown: shutdown.signal,
    ...options,
  });
  const watched = leaks.watch('responses', app) as Express;
  const server = await listen(watched, { host: '127.0.0.1', port: options.port ?? 0 });
  const url = `http://127.0.0.1:${server.port}/mcp`;
  const auditText = () => readFileSync(auditFile, 'utf8');

  let stopped: Promise<{ audit: string; log: string }> | undefined;
  async function stop() {
    await server.drain(500, () => shutdown.abort());
    const late = new Promise<false>((resolve) => setTimeout(resolve, 1000, false).unref());
    settled(await Promise.race([auditLog.settle().then(() => true), late]));
    await logWriter.flush();
    const texts = { audit: auditText(), log: readFileSync(logFile, 'utf8') };
    rmSync(directory, { recursive: true });
    return texts;
  }
  const end = () => {
    stopped ??= stop();
    return stopped;
  };
  leaks.output({ where: 'audit records', read: async () => (await end()).audit, end });
  leaks.output({ where: 'log', read: async () => (await end()).log, end });

  return {
    url,
    auditText,
    async logText() {
      await logWriter.flush();
      return readFileSync(logFile, 'utf8');
    },
    async audit(count = 1) {
      for (let tries = 0; tries < 100; tries++) {
        await auditWriter.flush();
        const lines = auditText().split('\n').filter(Boolean);
        if (lines.length >= count) return lines.map((line) => JSON.parse(line));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`fewer than ${count} audit records`);
    },
    post(body, headers = {}) {
      const all: Record<string, string | undefined> = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${TOKENS.alice}`,
        ...headers,
      };
      const present = Object.entries(all).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return fetch(url, {
        method: 'POST',
        headers: present,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    },
    drained,
    drain: (timeoutMs) => server.drain(timeoutMs, () => shutdown.abort()),
    async stop() {
      await end();
    },
  };
}

/** The members of a JSON-RPC response that the tests read. */
export interface Answer {
  readonly id: unknown;
  readonly result: {
    readonly content: readonly { readonly type: string; readonly text: string }[];
    readonly structuredContent: Record<string, unknown>;
    readonly isError?: boolean;
  };
  readonly error: { readonly code: number; readonly message: string };
}

export async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** A legacy-era call of a tool. */
export function callOf(name: string, input: unknown = { text: 'hi' }, id: string | number = 1): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: input } };
}

/** A 2026-07-28 message with its envelope, and the matching headers. */
export function modern(method: string, params: Record<string, unknown> = {}, id: string | number = 1) {
  const version = '2026-07-28';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  };
  const name = params['name'];
  return {
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } },
    headers: {
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
  };
}
