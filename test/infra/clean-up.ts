import { afterAll } from '@jest/globals';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

/** Removes the folders that syntheses of a suite made. The CDK's own module for Jest takes afterAll from a global. */
afterAll(() => CloudAssembly.cleanupTemporaryDirectories());
