import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/environment.js',
  runtime: '<rootDir>/test/support/runtime.cjs',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  injectGlobals: false,
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  setupFilesAfterEnv: ['<rootDir>/test/service/support/leak-check.ts'],
  // Suites wait for clocks and processes in a good part of their time: four of them occupy two cores.
  maxWorkers: Math.max(4, availableParallelism() - 1),
  testTimeout: 30_000,
  // A process that has run many suites of ES modules keeps their memory until the last suites run out of it, also with
  // one worker.
  workerIdleMemoryLimit: '1GB',
};
