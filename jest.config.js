/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  setupFilesAfterEnv: ['<rootDir>/test/service/support/leak-check.ts'],
  testTimeout: 30_000,
  // A process that has run many suites of ES modules keeps their memory, until the last ones starve; also where only one
  // runs at a time.
  workerIdleMemoryLimit: '1GB',
};
