import type { StageConfig } from '../../infra/stage-config.ts';
import { s3PrefixListId, withMetadata } from './combinations.ts';
import { stages, unlisted } from './stages.ts';

const oneList: StageConfig = {
  ...stages.prod,
  task: {
    allowedDomains: ['example.com', '*.example.com', 'docs.example.org', '*.xn--bcher-kva.net', 'one.two.io'],
  },
};

/** Further stages for suites that read only templates. The rules and the policy are tested on `combinations.ts`. */
export const variants = {
  oneList,
  /** As small as a task with a server gets. */
  smallestServer: {
    ...stages.prod,
    // Its service serves no tool of its own, and so none that reads pages.
    task: { server: { image: './server', port: 8000, path: '/mcp' } },
  },
  webscraping: { ...stages.prod, task: { scrapeEngine: 'webscraping-ai' } },
  emptyList: { ...stages.prod, task: {} },
  oneListElsewhere: { ...oneList, task: { ...oneList.task, scrapeEngine: 'webscraping-ai' } },
  metadataAndOrigin: {
    ...withMetadata,
    task: { ...withMetadata.task, allowedOrigins: ['https://app.example.com'] },
  },
  minimumVersion: {
    ...stages.dev,
    task: { ...stages.dev.task, minimumProtocolVersion: '2025-11-25' },
  },
  zones: { ...stages.dev, network: { zones: ['us-east-1d', 'us-east-1b'] } },
  observing: { ...stages.dev, dnsFirewall: { unlistedNames: 'alert' } },
  toolEndpoints: {
    ...stages.prod,
    network: {
      egress: 'endpoints',
      s3PrefixListId,
      dynamodbPrefixListId: 'pl-0456abcd',
      endpoints: [
        ...([
          'kinesis-streams',
          'kinesis-firehose',
          'sagemaker.api',
          'sagemaker.runtime',
          'pricing.api',
        ] as const),
        ...(['execute-api', 'dynamodb', 'sns', 'ecr.api', 'bedrock-runtime'] as const),
      ],
      otherEndpoints: [{ service: 'iotsitewise.api', hosts: ['api.iotsitewise.us-east-1.amazonaws.com'] }],
    },
  },
  issuer: { ...unlisted, task: { ...unlisted.task, oauth: { issuer: 'https://login.example.com/' } } },
} as const satisfies Record<string, StageConfig>;
