import { createContext, Script } from 'node:vm';
import type {
  JsonSchemaType,
  JsonSchemaValidatorResult,
  jsonSchemaValidator,
} from '@modelcontextprotocol/client';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';

/** Longest check of one value, in milliseconds of CPU. The bound of the process is 50 ms. */
const CHECK_MS = 25;

/**
 * Runs synchronous work that is stopped after 25 to 50 ms of CPU: a regular expression that backtracks, a schema that
 * branches on every level. V8 stops both at once, which no check before the work can do for every pattern. It costs 0.1 ms.
 * The work must change nothing, because it may run again: V8 measures real time, in which a task without CPU does nothing.
 *
 * @throws Error of the work, or `ERR_SCRIPT_EXECUTION_TIMEOUT`
 */
export type TimeBox = <Result>(work: () => Result) => Result;

export function createTimeBox(): TimeBox {
  const globals: { work?: (() => unknown) | undefined } = createContext({ work: undefined });
  const script = new Script('work()');
  return (work) => {
    globals.work = work;
    const begun = process.cpuUsage();
    try {
      for (;;) {
        try {
          return script.runInContext(globals, { timeout: CHECK_MS });
        } catch (error) {
          const { user, system } = process.cpuUsage(begun);
          const isLate = (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
          if (!isLate || user + system >= CHECK_MS * 1000) throw error;
        }
      }
    } finally {
      globals.work = undefined;
    }
  };
}

/**
 * A validator that interprets schemas, because the image forbids code that is made from text. A check neither throws nor
 * lasts longer than its time box; a value that it cannot decide on is not valid.
 */
export function createBoundedValidator(timeBox: TimeBox): jsonSchemaValidator {
  const validator = new CfWorkerJsonSchemaValidator();
  return {
    getValidator<T>(schema: JsonSchemaType) {
      const validate = validator.getValidator<T>(schema);
      return (input): JsonSchemaValidatorResult<T> => {
        try {
          return timeBox(() => validate(input));
        } catch {
          return { valid: false, data: undefined, errorMessage: UNDECIDED };
        }
      };
    },
  };
}

/** Text for a value that could not be checked. */
export const UNDECIDED = 'they cannot be checked in time against the schema';
