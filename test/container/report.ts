import { type Attack, brokenPromises, expectedTo } from './attack.ts';
import { PROMISES } from './promises.ts';

export interface Attacks {
  readonly task: Attack;
  /** The task without the engine's seccomp profile, which no task definition on Fargate can choose. */
  readonly withoutSeccomp: Attack;
  /** The same image as root with the engine's default capabilities and a writable root. */
  readonly root: Attack;
  readonly privileged: Attack;
}

/** With fewer attempts, or fewer that a control allows, the run would prove little. */
const ENOUGH = 60;

/** Prints the outcome of the attempts. @returns broken promises */
export function reportAttacks(attacks: Attacks, say: (line: string) => void): string[] {
  const { task, withoutSeccomp, root, privileged } = attacks;
  const row = (name: string, { attempts, open, killed }: Attack) => {
    const numbers = [attempts.length - open.size - killed.size, open.size, killed.size];
    say(`  ${name.padEnd(45)}${numbers.map((number) => String(number).padStart(9)).join('')}`);
  };
  const blocked = expectedTo('blocked');
  const shown = blocked.filter((name) => root.open.has(name) || privileged.open.has(name));

  say(`  ${`${task.attempts.length} attempts from inside`.padEnd(45)}  blocked     open   killed`);
  row('the task of the template', task);
  row('the same without a seccomp profile', withoutSeccomp);
  row('control: root, writable, default capabilities', root);
  row('control: root, privileged', privileged);
  say(`  ${blocked.length} are promised to be blocked; a control lets ${shown.length} of these through.`);
  say(`  Blocked in every container here: ${blocked.filter((name) => !shown.includes(name)).join(', ')}`);
  for (const { expected, attempts, why } of PROMISES) {
    if (expected !== 'open') continue;
    say(`  Open: ${attempts.join(', ')}: ${why}`);
  }
  const engine = expectedTo('engine');
  const list = (open: boolean) => engine.filter((name) => task.open.has(name) === open).join(', ') || 'none';
  say(`  Left to the engine and the kernel, open here: ${list(true)}; blocked here: ${list(false)}`);

  return [
    ...brokenPromises(task),
    ...brokenPromises(withoutSeccomp).map((one) => `without seccomp: ${one}`),
    ...(task.attempts.length < ENOUGH ? [`only ${task.attempts.length} attempts`] : []),
    ...(shown.length < ENOUGH ? [`the controls let only ${shown.length} attempts through`] : []),
  ];
}
