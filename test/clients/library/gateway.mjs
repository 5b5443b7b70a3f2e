// A gateway that serves a stdio server over HTTP: started here, then asked by the official v1 client.
import { spawn } from 'node:child_process';
import { connect as connectSdk } from './sdk-v1.mjs';

export async function connect({ command, args, variables, environment, url }) {
  spawn(command, args, { env: { ...environment, ...variables }, stdio: ['pipe', 'inherit', 'inherit'] });
  for (let attempt = 0; ; attempt++) {
    try {
      return await connectSdk({ package: 'mcp-sdk-1-29', url, token: 'none' });
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
