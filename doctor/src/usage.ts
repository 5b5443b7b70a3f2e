import { EXIT_INTERRUPTED, EXIT_UNREACHABLE, EXIT_USAGE } from './report/exit-code.ts';

/** How the user starts this program: from the repository, or as the bundle of the npm package. */
export const COMMAND = import.meta.filename.endsWith('.ts')
  ? 'npm run -s doctor --'
  : 'npx hardened-mcp-doctor';

export const USAGE = `usage: ${COMMAND} URL [--format NAMES] [--output NAME] [options]

Runs security checks against the MCP server at URL and prints the results. Works with any MCP server over HTTP. The
doctor connects only to the host in URL, follows no redirects, and stops after 1000 requests or 5 minutes.

Check only servers that you are allowed to test. Use a token that you created for the run, and revoke it afterwards: one
check sends it in a query string, which logs may keep. The doctor does not send the token if the certificate is not
valid, or if the URL is http and not on this machine.

  --format NAMES           print the report in this format instead of the table: json, junit, html or sarif.
                           --json, --junit, --html and --sarif mean the same
  --output NAME            write the reports to NAME.json, NAME.xml, NAME.html and NAME.sarif and print the table. With
                           formats, separated by commas, write only those
  --fail-on SEVERITY       exit with 0 unless a check of this severity failed: low, medium, high or never. Default: low.
                           A run that could not decide most of its checks exits with 1 unless this is never
  --ignore FILE            JSON file of accepted failures, each with a reason and the day on which it expires:
                           {"ignore": [{"check": "origin/cors", "reason": "…", "expires": "2027-06-30"}]}
  --baseline FILE          compare with an earlier JSON report. Failures that are in it do not count for the exit code
  --header 'NAME: VALUE'   send this header field where a token would be sent, for example an API key. May be repeated
  --token-file FILE        read the token from the first line of FILE. Default: environment variable MCP_TOKEN
  --ca FILE                PEM file of the certificate authorities to trust instead of the public ones
  --http-port PORT         plain HTTP port of the host. Default: 80 if the URL uses port 443
  --only NAMES             run only these checks or groups, for example origin,ssrf/addresses
  --skip NAMES             do not run these checks or groups
  --no-tools               call no tool
  --call-tools             also call tools that do not declare readOnlyHint: true. These may change or delete data.
                           The report lists every tool and why it was called or not
  --inject                 also send texts to these tools that would run a command or read a file if they worked
  --canary URL             URL under which the server reaches this machine. The doctor listens on its port, and notices
                           tools that fetch it. Default: a port on loopback, if the server is on this machine
  --client-id ID           get the token from the authorization server of --issuer with the client credentials of ID
  --scope SCOPES           scopes of that token. Default: those of the authorization server
  --issuer URL             also check this authorization server, which then gets requests too
  --session-idle SECONDS   also check that a session that is not used for this long has ended (1-3600)
  --pin FILE               write hashes of the definitions of tools and prompts to FILE
  --check-pin FILE         compare the definitions with a FILE that --pin wrote
  --rate-test N            also check rate limits, with up to N requests per check (1-2000). The server may limit other
                           clients during these checks
  --timeout SECONDS        timeout for each response (1-60, default 10)
  --patience SECONDS       time within which the server must close an unfinished request (1-120, default 30)
  --help                   print this text

Environment variables:
  MCP_TOKEN                token for the server
  MCP_CLIENT_SECRET        secret of the client of --client-id
  MCP_HEADERS              header fields as in --header, one a line. Process lists show options, not these
  MCP_EXPIRED_TOKEN        expired token, which the server must refuse. Default: not checked
  MCP_SECOND_TOKEN         token of another client, which must not reach the sessions of the first. Default: not checked

Exit codes:
  0   every check passed or does not apply
  1   a low-severity check failed, or a check was inconclusive
  2   a medium-severity check failed
  3   a high-severity check failed
  ${EXIT_USAGE}  the command line is wrong
  ${EXIT_UNREACHABLE}  no MCP server answered
  ${EXIT_INTERRUPTED} interrupted with Ctrl-C; the report says which checks were not run
For an http URL, the checks of TLS, the certificate and the plain HTTP port do not apply: exit code 0 does not cover them.
`;
