/** Attributes that CDK has no options for. Some are AWS's defaults, stated so that a change is visible. */
export const LOAD_BALANCER_ATTRIBUTES = {
  // If the firewall is unavailable, requests are refused.
  'waf.fail_open.enabled': 'false',
  // The service trusts only the last entry, which the load balancer appends; without a port it is an address.
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http.xff_client_port.enabled': 'false',
  // AWS, or the operator, may shift clients away from a failing zone.
  'zonal_shift.config.enabled': 'true',
} as const;

/** Headers of every response, from the load balancer or a task. */
export const LISTENER_ATTRIBUTES = {
  // For this name only: it may be the apex of a zone whose other names are not part of this stack.
  'routing.http.response.strict_transport_security.header_value': 'max-age=63072000',
  'routing.http.response.content_security_policy.header_value': "default-src 'none'; frame-ancestors 'none'",
  'routing.http.response.x_content_type_options.header_value': 'nosniff',
  'routing.http.response.x_frame_options.header_value': 'DENY',
  'routing.http.response.server.enabled': 'false',
} as const;
