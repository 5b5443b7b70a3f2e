import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's environment of Node.js, in an ordinary context. Jest's own puts a proxy behind the global object, which every
 * look at a global name (`Buffer`, `Map`, `undefined`) goes through: what computes much takes half as long again.
 */
export default class extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    // Jest has no option for it. It is read once, in the constructor.
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
