/** What CDK's options do not say. Some are AWS's defaults, written out so that a change of them is seen. */
export const LOAD_BALANCER_ATTRIBUTES = {
  // A firewall that cannot be asked closes the door.
  'waf.fail_open.enabled': 'false',
  // The service believes the last entry only, which is the load balancer's; without a port it is an address.
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http.xff_client_port.enabled': 'false',
  // AWS, or the operator, may lead clients away from a zone that fails.
  'zonal_shift.config.enabled': 'true',
} as const;

/** Headers of every answer, whoever made it. */
export const LISTENER_ATTRIBUTES = {
  // For this name only: it may be the apex of a zone whose other names are not ours to bind.
  'routing.http.response.strict_transport_security.header_value': 'max-age=63072000',
  'routing.http.response.content_security_policy.header_value': "default-src 'none'; frame-ancestors 'none'",
  'routing.http.response.x_content_type_options.header_value': 'nosniff',
  'routing.http.response.x_frame_options.header_value': 'DENY',
  'routing.http.response.server.enabled': 'false',
} as const;
