import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { TASK_KIB } from '../faults/support/smallest-task.ts';

/** Maximum growth of the median from the second to the last third; the first third is warm-up. */
const GROWTH = 1.05;
const SAMPLE_MS = 1000;

export interface Memory {
  /** Ends the sampling. @returns the figures, and their problems */
  stop(): { readonly told: string; readonly problems: string[] };
}

/** Watches the memory of a process. */
export function watchMemory(child: ChildProcess): Memory {
  const samples: number[] = [];
  let most = 0;
  const sample = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
    samples.push(of('VmRSS'));
    // The kernel's peak, which includes the time between two samples.
    most = of('VmHWM');
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      const third = Math.floor(samples.length / 3);
      const [middle, last] = [median(samples.slice(third, 2 * third)), median(samples.slice(2 * third))];
      const problems: string[] = [];
      // The comparisons fail on unreadable figures as well.
      if (!(last <= middle * GROWTH)) problems.push(`memory grows: median ${middle} KiB, then ${last} KiB`);
      if (!(most < TASK_KIB)) problems.push(`${most} KiB are more than the task of ${TASK_KIB} KiB has`);
      const told =
        `memory ${mib(middle)} MiB, then ${mib(last)} MiB (medians of the second and last third of the time), ` +
        `at most ${mib(most)} MiB of ${mib(TASK_KIB)}`;
      return { told, problems };
    },
  };
}

const median = (part: number[]) => [...part].sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? Number.NaN;
const mib = (kib: number) => (kib / 1024).toFixed(0);
