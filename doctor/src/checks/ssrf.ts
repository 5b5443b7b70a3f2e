import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { needAccess, type Probe } from '../probe.ts';
import { argumentsFor, type ListedTool, urlArgumentOf } from '../tool-arguments.ts';
import { fail, Inconclusive, inconclusive, notApplicable, pass, type Verdict, worst } from '../verdict.ts';

const MAX_TOOLS = 2;
/** Every notation that resolvers and URL parsers accept. Nothing usually listens on port 9. */
const ADDRESSES = [
  'http://127.0.0.1:9/',
  'http://localhost:9/',
  'http://[::1]:9/',
  'http://2130706433:9/',
  'http://0x7f.1:9/',
  'http://[::ffff:169.254.169.254]/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.170.2/v2/credentials',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://10.0.0.1:9/',
  'http://0.0.0.0:9/',
];
const SCHEMES = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:9/_',
  'ftp://127.0.0.1:9/',
  'data:text/html,doctor',
];
/** Error messages of a fetch that was attempted. A refusal before the fetch does not mention connections. */
const TRIED =
  /ECONN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ENOENT|getaddrinfo|socket hang up|connection (?:refused|reset|timed)|connect(?:ion)? (?:error|fail)|fetch failed|timed? ?out|unreachable/i;

/** @throws Inconclusive if no tool takes a URL, or none of those may be called */
function targets({ known, toolCalls }: Probe): readonly (readonly [ListedTool, string])[] {
  const withUrl = known.tools.filter((tool) => urlArgumentOf(tool) !== undefined);
  if (withUrl.length === 0) throw new Inconclusive(notApplicable('no tool takes a URL'));
  toolCalls.need(withUrl);
  return toolCalls.callable
    .flatMap((tool) => {
      const argument = urlArgumentOf(tool);
      return argument === undefined ? [] : [[tool, argument] as const];
    })
    .slice(0, MAX_TOOLS);
}

function judge(probe: Probe, url: string, answer: Answer): Verdict {
  const result = answer.messages.find((message) => message.result !== undefined)?.result;
  const text = JSON.stringify(result ?? answer.messages.find(({ error }) => error)?.error ?? '');
  const said = `${url}: ${probe.describe(answer)}`;
  if (result !== undefined && result['isError'] !== true) return fail(said);
  // A refusal may repeat the URL.
  if (TRIED.test(text.replaceAll(url, ''))) {
    // An HTTP client refuses an unknown scheme with similar messages.
    return url.startsWith('http')
      ? fail(`the tool tried to connect: ${said}`)
      : inconclusive(`the tool may have tried to connect: ${said}`);
  }
  return answer.failure === undefined && answer.status < 500 ? pass(said) : inconclusive(said);
}

async function refusesUrls(probe: Probe, urls: readonly string[]): Promise<Verdict> {
  needAccess(probe);
  const verdicts: Verdict[] = [];
  for (const [tool, argument] of targets(probe)) {
    for (const url of urls) {
      const call = { name: tool.name, arguments: argumentsFor(tool, { [argument]: url }) };
      verdicts.push(judge(probe, url, await probe.ask('tools/call', call, { echoes: true })));
    }
  }
  const whole = worst(verdicts);
  const names = targets(probe).map(([tool]) => tool.name);
  return whole.outcome === 'pass'
    ? pass(`${urls.length} URLs refused by ${names.join(', ')}: ${verdicts[0]?.evidence}`)
    : whole;
}

export const SSRF_CHECKS: readonly Check[] = [
  {
    id: 'ssrf/addresses',
    title: 'Tools do not fetch private addresses or cloud metadata, in any notation',
    severity: 'high',
    sends: `tools/call with ${ADDRESSES.length} URLs, for up to ${MAX_TOOLS} tools that take a URL and may be called`,
    fix: 'Resolve the name, refuse every special-purpose address, and connect to the address that you checked',
    reference: 'MCP 2026-07-28 Security Best Practices, SSRF; CWE-918; RFC 6890',
    run: (probe) => refusesUrls(probe, ADDRESSES),
  },
  {
    id: 'ssrf/schemes',
    title: 'Tools fetch only http and https',
    severity: 'high',
    sends: `tools/call with ${SCHEMES.length} URLs, for up to ${MAX_TOOLS} tools that take a URL and may be called`,
    fix: 'Refuse every scheme except http and https before opening anything',
    reference: 'CWE-918; OWASP SSRF Prevention Cheat Sheet',
    run: (probe) => refusesUrls(probe, SCHEMES),
  },
];
