/**
 * The body of a 404, the same from the load balancer and from the firewall. Clients that were refused at `/mcp` try to
 * register on other paths, and show this text.
 */
export const NOT_FOUND = JSON.stringify({
  error: 'not_found',
  error_description:
    'Only /mcp is served, and no client is registered here: get a token from the operator, or from the authorization server that the metadata names',
});
