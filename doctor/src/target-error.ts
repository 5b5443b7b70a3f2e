/** There is no server to check: the command is wrong, or no MCP server answers. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly kind: 'usage' | 'unreachable';

  constructor(kind: 'usage' | 'unreachable', message: string) {
    super(message);
    this.kind = kind;
  }
}
