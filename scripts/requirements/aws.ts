import { RULES } from '../../infra/rules/hardened.ts';
import { type Requirement, type RequirementList, rows } from './requirement.ts';

export const wellArchitected: RequirementList = {
  title: 'AWS, Well-Architected for MCP, with the guidance on edge and deployment patterns',
  url: 'https://aws.amazon.com/blogs/architecture/mcp-went-stateless-is-your-aws-mcp-server-deployment-well-architected/',
  edition: 'of 2026-09-01, by notes taken in November 2026',
  requirements: rows(`
    AWS-WA-1 | Stateless tasks behind a plain load balancer | stateless, scaling
    AWS-WA-2 | Lists are cached for one client only | toolList
    AWS-WA-3 | W3C trace context of \`_meta\` | trace
    AWS-WA-4 | Records have the protocol version | audit
    AWS-WA-5 | A minimum protocol version, and an end for older ones | minimumVersion, accessList, alarms
    AWS-WA-6 | State of multi-round calls is sealed: no tool has such state | notOffered
    AWS-WA-7 | A private endpoint | internal
    AWS-WA-8 | The web ACL allows known protocol versions only | | the service refuses the others with a message that says which are supported
    AWS-WA-9 | The web ACL limits rates by address and tool | webAcl
    AWS-WA-10 | Bot Control, a list of tools and SQL injection rules in the web ACL | webAcl, toolList | the service has the list of tools; rules on bodies misread text of tools, so they only count there
    AWS-WA-11 | Failed deployments roll back, tasks scale with load | rollback, scaling
  `),
};

/** A row for each control of AWS Foundational Security Best Practices that a rule of the template names. */
export function foundationalBestPractices(): RequirementList {
  const rules = Object.values(RULES).flat();
  const ids = [...new Set(rules.flatMap(({ fsbp }) => fsbp))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return {
    title: 'AWS Foundational Security Best Practices',
    url: 'https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html',
    edition: 'the controls that rules of the template enforce',
    requirements: ids.map((id): Requirement => {
      const named = rules.filter(({ fsbp }) => fsbp.includes(id));
      const asks = named.map(({ control }) => control).join('; ');
      return { id: `AWS-FSBP-${id}`, asks, state: 'yes', controls: named.map((rule) => `rule ${rule.id}`) };
    }),
  };
}
