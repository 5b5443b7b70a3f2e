import type { IConstruct } from 'constructs';

/** Ids of what is acknowledged in a construct and below, each as often as it is. */
export function acknowledgementsIn(construct: IConstruct): string[] {
  return construct.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
        .flatMap(({ data }) => Object.keys(data)),
    );
}
