/** A request as WAF sees it, with the facts that only AWS knows. */
export interface Seen {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly country?: string;
  /** The IP set that its address is in, by the start of its logical id. */
  readonly inIpSet?: 'BlockedCidrs' | 'SharedCidrs';
  /** Managed rules whose patterns it matches. */
  readonly matches?: readonly string[];
  /** Rate rules whose limit its address, or everyone, is over. */
  readonly over?: readonly string[];
}

export interface Verdict {
  /** The rule that ended the request; absent when none did. */
  readonly rule?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Rate rules that counted it. */
  readonly counted: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: a template has no types
type Properties = any;

/** Labels of the rules that only count, as AWS documents them (Core rule set, "Rule name" and "Label"). */
const LABELS: Readonly<Record<string, string>> = {
  SizeRestrictions_BODY: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body',
  EC2MetaDataSSRF_BODY: 'awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body',
  GenericLFI_BODY: 'awswaf:managed:aws:core-rule-set:GenericLFI_Body',
  GenericRFI_BODY: 'awswaf:managed:aws:core-rule-set:GenericRFI_Body',
  CrossSiteScripting_BODY: 'awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body',
  JavaDeserializationRCE_BODY: 'awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body',
  Log4JRCE_BODY: 'awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body',
  ReactJSRCE_BODY: 'awswaf:managed:aws:known-bad-inputs:ReactJSRCE_Body',
};

/** The action of a template's web ACL for a request, by WAF's rules of evaluation. */
export function decide(acl: Properties, seen: Seen): Verdict {
  const labels = new Set<string>();
  const counted: string[] = [];
  for (const rule of [...acl.Rules].sort((a: Properties, b: Properties) => a.Priority - b.Priority)) {
    const { RateBasedStatement: rate, ManagedRuleGroupStatement: group } = rule.Statement;
    if (group) {
      const block = managed(group, seen, labels);
      if (block) return { ...refusal(acl, rule.Name, block), counted };
    } else if (rate ? counts(rate, seen, labels) : matches(rule.Statement, seen, labels)) {
      if (rate) counted.push(rule.Name);
      if (!rate || seen.over?.includes(rule.Name)) {
        if (rule.Action.Block === undefined) throw new Error(`${rule.Name} does not block`);
        return { ...refusal(acl, rule.Name, rule.Action.Block), counted };
      }
    }
  }
  if (acl.DefaultAction.Allow === undefined) return { rule: 'Default', status: 403, counted };
  return { counted };
}

/** The block of the group's rule that the request matches, unless it only counts. */
function managed(group: Properties, seen: Seen, labels: Set<string>): Properties | undefined {
  for (const name of seen.matches ?? []) {
    const override = group.RuleActionOverrides?.find(({ Name }: Properties) => Name === name)?.ActionToUse;
    if (override?.Block) return override.Block;
    if (override?.Count) labels.add(LABELS[name] ?? '');
  }
  return undefined;
}

/** Whether a rate rule counts the request: in its scope, and with every key there is. */
function counts(rate: Properties, seen: Seen, labels: ReadonlySet<string>): boolean {
  const keys: Properties[] = rate.AggregateKeyType === 'CUSTOM_KEYS' ? rate.CustomKeys : [];
  if (keys.some(({ Header }) => Header && seen.headers?.[Header.Name] === undefined)) return false;
  return rate.ScopeDownStatement === undefined || matches(rate.ScopeDownStatement, seen, labels);
}

function matches(statement: Properties, seen: Seen, labels: ReadonlySet<string>): boolean {
  const inner = (one: Properties) => matches(one, seen, labels);
  const [[kind, it]] = Object.entries<Properties>(statement) as [[string, Properties]];
  switch (kind) {
    case 'AndStatement':
      return it.Statements.every(inner);
    case 'OrStatement':
      return it.Statements.some(inner);
    case 'NotStatement':
      return !inner(it.Statement);
    case 'LabelMatchStatement':
      return labels.has(it.Key);
    case 'GeoMatchStatement':
      return it.CountryCodes.includes(seen.country ?? 'US');
    case 'IPSetReferenceStatement':
      return seen.inIpSet !== undefined && JSON.stringify(it.Arn).includes(seen.inIpSet);
    case 'SizeConstraintStatement':
      if (it.ComparisonOperator !== 'GT') throw new Error(`unknown comparison ${it.ComparisonOperator}`);
      return (component(it.FieldToMatch, seen)?.length ?? 0) > it.Size;
    case 'ByteMatchStatement':
      return compare(it, component(it.FieldToMatch, seen));
    default:
      throw new Error(`unknown statement ${kind}`);
  }
}

function compare(it: Properties, raw: string | undefined): boolean {
  if (raw === undefined) return false;
  const text = it.TextTransformations.some(({ Type }: Properties) => Type === 'LOWERCASE')
    ? raw.toLowerCase()
    : raw;
  if (it.PositionalConstraint === 'EXACTLY') return text === it.SearchString;
  if (it.PositionalConstraint === 'STARTS_WITH') return text.startsWith(it.SearchString);
  throw new Error(`unknown constraint ${it.PositionalConstraint}`);
}

function component(field: Properties, seen: Seen): string | undefined {
  if (field.UriPath) return seen.path ?? '/mcp';
  if (field.Method) return seen.method ?? 'POST';
  if (field.QueryString) return seen.query ?? '';
  if (field.SingleHeader) return seen.headers?.[field.SingleHeader.Name];
  throw new Error(`unknown component ${Object.keys(field)}`);
}

function refusal(
  acl: Properties,
  rule: string,
  { CustomResponse: answer }: Properties,
): Omit<Verdict, 'counted'> {
  const { ContentType, Content } = acl.CustomResponseBodies[answer.CustomResponseBodyKey];
  const headers: [string, string][] = (answer.ResponseHeaders ?? []).map(({ Name, Value }: Properties) => [
    Name,
    Value,
  ]);
  if (ContentType !== 'APPLICATION_JSON') throw new Error(`${rule} answers ${ContentType}`);
  return {
    rule,
    status: answer.ResponseCode,
    headers: Object.fromEntries(headers),
    body: JSON.parse(Content),
  };
}
