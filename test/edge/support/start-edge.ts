import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { freePort } from '../../service/support/free-port.ts';
import { startProcess } from '../../service/support/start-process.ts';
import { until } from '../../service/support/until.ts';
import { certificateFor } from './authority.ts';
import { type EdgePorts, MODULES, nginxConfiguration } from './nginx-configuration.ts';

const PACKAGES =
  'nginx libnginx-mod-http-modsecurity libnginx-mod-http-headers-more-filter modsecurity-crs sslscan testssl.sh';
const CORE_RULE_SET = '/usr/share/modsecurity-crs/rules';

export interface RunningEdge {
  /** Its public name, which its certificate names. */
  readonly name: string;
  readonly ports: EdgePorts;
  /** Removed when it stops. */
  readonly directory: string;
  /** PEM of the authority, and the path of its file. */
  readonly authority: string;
  readonly authorityFile: string;
  /** Findings of ModSecurity, one entry for each request that matched a rule. */
  findings(): Finding[];
  stop(): Promise<void>;
}

export interface Finding {
  /** Value of the request's `X-Case` header. */
  readonly case: string;
  /** Ids of the rules. */
  readonly rules: readonly string[];
}

/** A real proxy in place of the load balancer. @throws Error with the command that installs it when it is missing */
export async function startEdge(template: Template, name: string, service: number): Promise<RunningEdge> {
  const programs = ['nginx', 'sslscan', 'testssl'].every((tool) => !spawnSync(tool, ['-v']).error);
  if (!programs || ![...MODULES, CORE_RULE_SET].every((path) => existsSync(path)))
    throw new Error(`a package is missing: apt-get install ${PACKAGES}`);
  const directory = mkdtempSync(join(tmpdir(), 'mcp-edge-'));
  const file = (path: string, text = '') => {
    writeFileSync(join(directory, path), text, { mode: 0o600 });
    return join(directory, path);
  };
  const { authority, cert, key } = await certificateFor(name);
  const ports = {
    balancer: await freePort(),
    withBodyRules: await freePort(),
    outer: await freePort(),
    service,
  };
  const findings = file('findings');
  const files = {
    directory,
    certificate: file('cert.pem', cert),
    certificateKey: file('key.pem', key),
    bodyRules: file('body-rules.conf', bodyRules(findings)),
  };
  const authorityFile = file('authority.pem', authority);
  const configuration = file('nginx.conf', nginxConfiguration(template, files, ports));
  const nginx = startProcess('nginx', ['-e', 'stderr', '-c', configuration]);
  await until(
    () => nginx.child.exitCode !== null || listens(ports.balancer),
    () => nginx.stderr(),
  );
  if (nginx.child.exitCode !== null) {
    rmSync(directory, { recursive: true });
    throw new Error(`nginx did not start: ${nginx.stderr()}`);
  }
  return {
    name,
    ports,
    directory,
    authority,
    authorityFile,
    findings: () =>
      readFileSync(findings, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => findingOf(JSON.parse(line).transaction)),
    async stop() {
      nginx.child.kill('SIGTERM');
      await nginx.exited();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The OWASP Core Rule Set as Debian configures it, with its matches as JSON. */
function bodyRules(findings: string): string {
  return `
SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit 1048576
SecRequestBodyNoFilesLimit 1048576
SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:1,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecAuditEngine RelevantOnly
SecAuditLogRelevantStatus "^403"
SecAuditLogParts ABHZ
SecAuditLogFormat JSON
SecAuditLogType Serial
SecAuditLog ${findings}
Include /etc/modsecurity/crs/crs-setup.conf
Include ${CORE_RULE_SET}/*.conf
`;
}

interface Transaction {
  readonly request: { readonly headers: Readonly<Record<string, string>> };
  readonly messages: readonly { readonly details: { readonly ruleId: string } }[];
}

function findingOf({ request, messages }: Transaction): Finding {
  return { case: request.headers['x-case'] ?? '', rules: messages.map(({ details }) => details.ruleId) };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
