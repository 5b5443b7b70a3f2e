/** Attempts of a script in the service's process, and the code of the error that stops each. */
export const ATTEMPTS = {
  'write a file': ["require('node:fs').writeFileSync('/tmp/probe', '')", 'ERR_ACCESS_DENIED'],
  'append to the bundle': ["require('node:fs').appendFileSync('/app/main.cjs', '')", 'ERR_ACCESS_DENIED'],
  'make a directory': ["require('node:fs').mkdirSync('/tmp/probe')", 'ERR_ACCESS_DENIED'],
  'make a link': ["require('node:fs').symlinkSync('/etc', '/tmp/probe')", 'ERR_ACCESS_DENIED'],
  'write to shared memory': ["require('node:fs').writeFileSync('/dev/shm/probe', '')", 'ERR_ACCESS_DENIED'],
  'read a file of the system': ["require('node:fs').readFileSync('/etc/passwd')", 'ERR_ACCESS_DENIED'],
  'read an environment': ["require('node:fs').readFileSync('/proc/self/environ')", 'ERR_ACCESS_DENIED'],
  'list a directory': ["require('node:fs').readdirSync('/')", 'ERR_ACCESS_DENIED'],
  'start a program': ["require('node:child_process').spawnSync(process.execPath)", 'ERR_ACCESS_DENIED'],
  'start a shell': ["require('node:child_process').execSync('true')", 'ERR_ACCESS_DENIED'],
  'fork itself': ["require('node:child_process').fork('/app/main.cjs')", 'ERR_ACCESS_DENIED'],
  'start a worker': ["new (require('node:worker_threads').Worker)('1', { eval: true })", 'ERR_ACCESS_DENIED'],
  'load an addon': ["process.dlopen({ exports: {} }, '/app/addon.node')", 'ERR_DLOPEN_DISABLED'],
  'load WebAssembly for the system': [
    "new (require('node:wasi').WASI)({ version: 'preview1' })",
    'ERR_ACCESS_DENIED',
  ],
  'open a debugger': ["require('node:inspector').open(0)", 'ERR_ACCESS_DENIED'],
  'write a heap snapshot': ["require('node:v8').writeHeapSnapshot('/tmp/probe')", 'ERR_ACCESS_DENIED'],
  'reach the internals': ["process.binding('fs')", 'ERR_ACCESS_DENIED'],
  'open a database': ["new (require('node:sqlite').DatabaseSync)(':memory:')", 'ERR_UNKNOWN_BUILTIN_MODULE'],
  'evaluate a string': ["eval('1')", 'EvalError'],
  'make a function of a string': ["new Function('return 1')", 'EvalError'],
} as const;

/** A script for `node -e` that makes every attempt and prints its error, or `open`, as JSON. */
export const ATTEMPTS_SCRIPT = `const found = {};
${Object.entries(ATTEMPTS)
  .map(
    ([name, [code]]) =>
      `try { ${code}; found[${JSON.stringify(name)}] = 'open' } ` +
      `catch (error) { found[${JSON.stringify(name)}] = error.code ?? error.name }`,
  )
  .join('\n')}
process.stdout.write(JSON.stringify(found));`;

/** The expected outcome of each attempt. */
export const STOPPED = Object.fromEntries(Object.entries(ATTEMPTS).map(([name, [, code]]) => [name, code]));
