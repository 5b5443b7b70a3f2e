const { createRequire, isBuiltin } = require('node:module');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/** Modules of packages by path, for every suite of this worker. */
const loaded = new Map();

async function load(path) {
  const namespace = await import(pathToFileURL(path));
  const names = Object.keys(namespace);
  const module = new vm.SyntheticModule(names, () => {
    for (const name of names) module.setExport(name, namespace[name]);
  });
  await module.link(() => {});
  await module.evaluate();
  return module;
}

/**
 * Where Jest keeps which test runs, so that it blames the right one for an error that is not caught. Its own storage follows
 * every promise of a process from then on, once for each suite that the process has run; tests here run one after the other.
 */
class RunningTest {
  #store;

  getStore() {
    return this.#store;
  }

  async run(store, callback) {
    const outer = this.#store;
    this.#store = store;
    try {
      return await callback();
    } finally {
      this.#store = outer;
    }
  }
}

const isOfPackage = (name) => !/^([./#]|node:|data:|file:|@jest\/)/.test(name) && !isBuiltin(name);

/**
 * Jest's module loader, except that Node.js loads packages: once for all suites of a worker, where Jest loads the CDK, zod
 * and Express again for each. Modules of this repository are new in each suite.
 */
module.exports = class extends Runtime {
  constructor(...parameters) {
    super(...parameters);
    // Of Jest's two ways to load ES modules, the one that each version of Node.js has.
    this._resolution.hasDistinctAsyncResolver = () => true;
    const { resolveModule } = this.esmLoader;
    this.esmLoader.resolveModule = async (name, from, context) => {
      if (!isOfPackage(name)) return resolveModule.call(this.esmLoader, name, from, context);
      const path = await this._resolution.resolveEsmAsync(from, name);
      if (!loaded.has(path)) loaded.set(path, load(path));
      return loaded.get(path);
    };
  }

  /** The file of Jest that keeps the state of a suite is new in each. What it requires is not. */
  requireInternalModule(from, name) {
    if (name === 'node:async_hooks') return { AsyncLocalStorage: RunningTest };
    return name === undefined ? super.requireInternalModule(from) : createRequire(from)(name);
  }

  /** Removes the folders of syntheses now: the CDK does at the end of the process, for which a worker has half a second. */
  teardown() {
    super.teardown();
    if (![...loaded.keys()].some((path) => path.includes('aws-cdk-lib'))) return;
    require('aws-cdk-lib/cx-api').CloudAssembly.cleanupTemporaryDirectories();
  }

  requireModuleOrMock(from, name) {
    if (!isOfPackage(name)) return super.requireModuleOrMock(from, name);
    return require(this._resolution.resolveCjs(from, name));
  }
};
