import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

type Statement = CfnWebACL.StatementProperty;

/** Transformations of WAF before it compares. `LOWERCASE` costs 10 WCU. */
type Transformation = 'NONE' | 'LOWERCASE';

/** Matches exact paths: another case, a trailing slash or an encoded character is another path. */
export function path(...paths: readonly string[]): Statement {
  return any(...paths.map((value) => text({ uriPath: {} }, 'EXACTLY', value)));
}

export function method(...methods: readonly string[]): Statement {
  return any(...methods.map((value) => text({ method: {} }, 'EXACTLY', value)));
}

export function headerIs(name: string, value: string, transformation: Transformation = 'NONE'): Statement {
  return text({ singleHeader: { Name: name } }, 'EXACTLY', value, transformation);
}

export function headerStartsWith(name: string, value: string, transformation: Transformation): Statement {
  return text({ singleHeader: { Name: name } }, 'STARTS_WITH', value, transformation);
}

/** A query string of at least one character. */
export function hasQuery(): Statement {
  return {
    sizeConstraintStatement: {
      fieldToMatch: { queryString: {} },
      comparisonOperator: 'GT',
      size: 0,
      textTransformations: transform('NONE'),
    },
  };
}

/** Country codes that WAF takes in one statement (WAFV2 API Reference, GeoMatchStatement). */
const COUNTRIES_PER_STATEMENT = 50;

/** Matches the country that the connecting address belongs to. */
export function country(codes: readonly string[]): Statement {
  const unique = [...new Set(codes)];
  const lists = Array.from({ length: Math.ceil(unique.length / COUNTRIES_PER_STATEMENT) }, (_, index) =>
    unique.slice(index * COUNTRIES_PER_STATEMENT, (index + 1) * COUNTRIES_PER_STATEMENT),
  );
  return any(...lists.map((countryCodes) => ({ geoMatchStatement: { countryCodes } })));
}

/** Matches addresses of an IP set. */
export function inIpSet(arn: string): Statement {
  return { ipSetReferenceStatement: { arn } };
}

/** A label that an earlier rule has added to the request. */
export function labelled(key: string): Statement {
  return { labelMatchStatement: { scope: 'LABEL', key } };
}

/** Matches any of the statements; WAF refuses an `or` of one. */
export function any(...statements: readonly Statement[]): Statement {
  const [only] = statements;
  return statements.length === 1 && only ? only : { orStatement: { statements: [...statements] } };
}

export function all(...statements: readonly Statement[]): Statement {
  return { andStatement: { statements: [...statements] } };
}

export function not(statement: Statement): Statement {
  return { notStatement: { statement } };
}

export function transform(type: Transformation): CfnWebACL.TextTransformationProperty[] {
  return [{ priority: 0, type }];
}

function text(
  fieldToMatch: CfnWebACL.FieldToMatchProperty,
  positionalConstraint: 'EXACTLY' | 'STARTS_WITH',
  searchString: string,
  transformation: Transformation = 'NONE',
): Statement {
  return {
    byteMatchStatement: {
      fieldToMatch,
      positionalConstraint,
      searchString,
      textTransformations: transform(transformation),
    },
  };
}
