/** A source mutation that must make a test of its control fail. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Title of that test, as in `tests` of the control. @default - the first */
  readonly breaks?: string;
}

/** A control of this repository: the files that implement it, and the proofs that it works. */
export interface Control {
  readonly files: readonly string[];
  /** Path of a suite, and part of the title of one of its tests. */
  readonly tests?: readonly (readonly [suite: string, title: string])[];
  /** Rules of infra/rules. The rules' tests show that each catches its mutants. */
  readonly rules?: readonly string[];
  /** Checks of the doctor, which examine a running endpoint. */
  readonly checks?: readonly string[];
  /** `npm run requirements -- --prove` applies each alone, and expects its test to fail. */
  readonly mutation?: Mutation | readonly Mutation[];
}

/** The mutations of a control. */
export function mutationsOf({ mutation = [] }: Control): readonly Mutation[] {
  return [mutation].flat();
}

export type State = 'yes' | 'partly' | 'no';

export interface Requirement {
  /** Stable and unique, for example `OWASP-MCP07` or `COSAI-IDENTITY-1-L3`. The doctor's reports refer to it. */
  readonly id: string;
  /** The demand, in our words. */
  readonly asks: string;
  readonly state: State;
  /** Names of the controls that meet it. */
  readonly controls: readonly string[];
  /** The missing part and the reason. Required unless the state is `yes`. */
  readonly because?: string;
}

export interface RequirementList {
  readonly title: string;
  readonly url: string;
  /** Edition that was read, and when. */
  readonly edition: string;
  readonly requirements: readonly Requirement[];
}

/**
 * Requirements, one a line: `ID | demand | controls | missing part and reason`. The last cell is left out where the controls
 * meet the demand; without controls it is not met.
 */
export function rows(table: string): readonly Requirement[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', asks = '', names = '', because] = line.split('|').map((cell) => cell.trim());
      const controls = names.split(', ').filter(Boolean);
      if (because === undefined) return { id, asks, state: 'yes', controls };
      return { id, asks, state: controls.length > 0 ? 'partly' : 'no', controls, because };
    });
}
