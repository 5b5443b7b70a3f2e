/** The part of autocannon's API that the bench uses; autocannon has no types of its own. */
declare module 'autocannon' {
  export default function autocannon(options: {
    readonly url: string;
    readonly method: string;
    readonly connections: number;
    readonly amount: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): Promise<{
    /** In milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly errors: number;
    readonly non2xx: number;
  }> & { on(event: 'response', listener: () => void): void };
}
