import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** Stands for the context of Node.js itself where Jest asks for one of its own. */
const MAIN = {};

// Jest has no option for it.
const { compileFunction, SourceTextModule, SyntheticModule } = vm;
const inMain = ({ context, ...options } = {}) => (context === MAIN ? options : { ...options, context });
vm.compileFunction = (code, parameters, { parsingContext, ...options }) =>
  compileFunction(code, parameters, parsingContext === MAIN ? options : { ...options, parsingContext });
vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options) {
    super(code, inMain(options));
  }
};
vm.SyntheticModule = class extends SyntheticModule {
  constructor(names, evaluate, options) {
    super(names, evaluate, inMain(options));
  }
};

/** Where Jest keeps what it knows of one suite. Packages keep theirs in the global object too, for all suites. */
const OF_JEST =
  /^(EVENT_HANDLERS|JEST_STATE_SYMBOL|LOG_ERRORS_BEFORE_RETRY|RETRY_\w+|TEST_TIMEOUT_SYMBOL|WAIT_BEFORE_RETRY)$/;

/** Jest replaces these, and never gives them back. */
const { console, process } = globalThis;
const { exit, getBuiltinModule } = process;

const VARIABLE = 'process.env.';

/** Node's own. */
const FRAMES = 10;

/** The values of names that every suite shares, except those that Node.js makes when they are first read. */
function shared() {
  const globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis));
  return new Map([
    ...globals.filter(([, one]) => 'value' in one).map(([name, { value }]) => [name, value]),
    ...Object.entries(process.env).map(([name, value]) => [VARIABLE + name, value]),
  ]);
}

function restore(name, value) {
  if (!name.startsWith(VARIABLE)) Object.assign(globalThis, { [name]: value });
  else if (value === undefined) delete process.env[name.slice(VARIABLE.length)];
  else process.env[name.slice(VARIABLE.length)] = value;
}

/**
 * Jest's environment of Node.js, in the context of Node.js itself: the packages that suites import are loaded once for
 * all suites of a worker (runtime.cjs), which only one context for all of them allows, and an error of `node:fs` is an
 * `Error`. A suite that changes a global or an environment variable must change it back, or it fails.
 */
export default class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const { projectConfig } = config;
    const { fakeTimers, fakeTimersModern, moduleMocker } = this;
    this.global = globalThis;
    this.moduleMocker = new moduleMocker.constructor(globalThis);
    const timerConfig = { idToRef: (id) => id, refToId: (timer) => timer };
    const options = {
      config: projectConfig,
      global: globalThis,
      moduleMocker: this.moduleMocker,
      timerConfig,
    };
    this.fakeTimers = new fakeTimers.constructor(options);
    this.fakeTimersModern = new fakeTimersModern.constructor(options);
    this.before = shared();
  }

  getVmContext() {
    return MAIN;
  }

  async setup() {
    await super.setup();
    // Jest's own limit of 100 frames makes each error, and each test's place in its file, several times as expensive.
    Error.stackTraceLimit = FRAMES;
  }

  async teardown() {
    await super.teardown();
    Object.assign(globalThis, { console });
    Object.assign(process, { exit }, getBuiltinModule && { getBuiltinModule });
    for (const key of Object.getOwnPropertySymbols(globalThis)) {
      if (OF_JEST.test(key.description)) delete globalThis[key];
    }
    const after = shared();
    const names = [...new Set([...this.before.keys(), ...after.keys()])].filter(
      (name) => this.before.has(name) || name.startsWith(VARIABLE),
    );
    const changed = names.filter((name) => !Object.is(after.get(name), this.before.get(name)));
    for (const name of changed) restore(name, this.before.get(name));
    if (changed.length > 0)
      throw new Error(`the suite left changed what others share: ${changed.join(', ')}`);
  }
}
