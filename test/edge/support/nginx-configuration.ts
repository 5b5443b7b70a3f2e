import type { Template } from 'aws-cdk-lib/assertions';
import { only } from '../../infra/templates.ts';
import { tlsPolicy } from './tls-policies.ts';

export interface EdgeFiles {
  /** Folder for all files that nginx writes. */
  readonly directory: string;
  readonly certificate: string;
  readonly certificateKey: string;
  /** Rules of ModSecurity for the listener that has them. */
  readonly bodyRules: string;
}

export interface EdgePorts {
  /** The load balancer. */
  readonly balancer: number;
  /** The same behind a firewall that inspects bodies. */
  readonly withBodyRules: number;
  /** Another proxy before the load balancer, such as CloudFront. */
  readonly outer: number;
  readonly service: number;
}

interface Attribute {
  readonly Key: string;
  readonly Value: string;
}

/** Modules of nginx at the paths of Debian's packages. */
export const MODULES = ['ndk_http', 'ngx_http_modsecurity', 'ngx_http_headers_more_filter'].map(
  (name) => `/usr/lib/nginx/modules/${name}_module.so`,
);

/** Names of response headers by the listener attribute that sets them. */
const ANSWER_HEADERS = {
  strict_transport_security: 'Strict-Transport-Security',
  content_security_policy: 'Content-Security-Policy',
  x_content_type_options: 'X-Content-Type-Options',
  x_frame_options: 'X-Frame-Options',
} as const;

/** A configuration of nginx that behaves like the template's load balancer. */
export function nginxConfiguration(template: Template, files: EdgeFiles, ports: EdgePorts): string {
  const balancer = attributes(template, 'LoadBalancer', 'LoadBalancerAttributes');
  const { SslPolicy, Protocol, DefaultActions } = only(
    template,
    'AWS::ElasticLoadBalancingV2::Listener',
  ).Properties;
  const target = only(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties;
  const rule = only(template, 'AWS::ElasticLoadBalancingV2::ListenerRule').Properties;
  if (Protocol !== 'HTTPS') throw new Error(`expected a listener for HTTPS, got ${Protocol}`);
  const policy = tlsPolicy(SslPolicy);
  const idle = `${balancer['idle_timeout.timeout_seconds']}s`;
  const dropsInvalid = onOff(balancer['routing.http.drop_invalid_header_fields.enabled'] === 'true');
  const keepsInvalid = dropsInvalid === 'on' ? 'off' : 'on';
  const { StatusCode, ContentType, MessageBody } = DefaultActions[0].FixedResponseConfig;
  const paths: string[] = rule.Conditions[0].PathPatternConfig.Values;
  const listener = (port: number, more: string) => `
  server {
    listen 127.0.0.1:${port} ssl http2;
    ${more}
    ssl_certificate ${files.certificate};
    ssl_certificate_key ${files.certificateKey};
    ssl_protocols ${policy.protocols.join(' ')};
    ssl_ciphers ${policy.tls12Suites.join(':')};
    ssl_conf_command Ciphersuites ${policy.tls13Suites.join(':')};
    ssl_ecdh_curve X25519:prime256v1:secp384r1;
    ssl_prefer_server_ciphers on;
    ssl_session_tickets off;
    keepalive_timeout ${idle};
    keepalive_time ${balancer['client_keep_alive.seconds']}s;
    ${answerHeaders(attributes(template, 'Listener', 'ListenerAttributes'))}
    location / {
      default_type ${ContentType};
      return ${StatusCode} '${MessageBody}';
    }
    ${paths.map((path) => `location = ${path} { proxy_pass ${target.Protocol.toLowerCase()}://task; }`).join('\n    ')}
  }`;
  return `
daemon off;
master_process off;
pid ${files.directory}/pid;
error_log stderr warn;
${MODULES.map((module) => `load_module ${module};`).join('\n')}
events { worker_connections 512; }
http {
  access_log off;
  server_tokens off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${files.directory}/${name};`).join('\n  ')}
  ignore_invalid_headers ${dropsInvalid};
  underscores_in_headers ${keepsInvalid};
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_buffering off;
  proxy_next_upstream off;
  proxy_read_timeout ${idle};
  proxy_send_timeout ${idle};
  # As the load balancer, which encrypts to a target and does not verify it.
  proxy_ssl_verify off;
  proxy_ssl_protocols TLSv1.2 TLSv1.3;
  proxy_set_header Connection '';
  proxy_set_header Host ${balancer['routing.http.preserve_host_header.enabled'] === 'true' ? '$http_host' : '$proxy_host'};
  proxy_set_header X-Forwarded-For ${forwardedFor(balancer)};
  upstream task {
    server 127.0.0.1:${ports.service};
    keepalive 64;
    keepalive_timeout ${idle};
  }
${listener(ports.balancer, '')}
${listener(ports.withBodyRules, `modsecurity on; modsecurity_rules_file ${files.bodyRules};`)}
  server {
    listen 127.0.0.1:${ports.outer} ssl;
    ssl_certificate ${files.certificate};
    ssl_certificate_key ${files.certificateKey};
    location / { proxy_pass https://127.0.0.1:${ports.balancer}; }
  }
}
`;
}

function forwardedFor(balancer: Record<string, string>): string {
  const mode = balancer['routing.http.xff_header_processing.mode'] ?? '';
  const value = { append: '$proxy_add_x_forwarded_for', preserve: '$http_x_forwarded_for', remove: "''" }[
    mode
  ];
  if (value === undefined) throw new Error(`expected a mode of X-Forwarded-For, got ${JSON.stringify(mode)}`);
  return value;
}

function answerHeaders(listener: Record<string, string>): string {
  const set = Object.entries(ANSWER_HEADERS).flatMap(([key, name]) => {
    const value = listener[`routing.http.response.${key}.header_value`];
    return value === undefined ? [] : [`more_set_headers "${name}: ${value}";`];
  });
  const hidden = listener['routing.http.response.server.enabled'] === 'false';
  return [...set, ...(hidden ? ['more_clear_headers Server;'] : [])].join('\n    ');
}

function attributes(template: Template, of: string, property: string): Record<string, string> {
  const list = only(template, `AWS::ElasticLoadBalancingV2::${of}`).Properties[property] as Attribute[];
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

function onOff(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off';
}
