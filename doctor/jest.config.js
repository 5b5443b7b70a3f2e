import root from '../jest.config.js';

/** @type {import('jest').Config} */
export default { ...root, rootDir: '..', roots: ['<rootDir>/doctor/test'] };
