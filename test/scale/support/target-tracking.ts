/** Simulates a service under changing load, second by second, by the rules of target tracking. */
export interface Model {
  /** Calls per second that arrive, by second. */
  readonly arrivals: (second: number) => number;
  /** CPU milliseconds of one call. */
  readonly cpuMsOfCall: number;
  /** CPU units of a task, 1024 for a core. */
  readonly cpu: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly cpuPercent: number;
  readonly requestsPerTargetPerMinute: number;
  readonly scaleOutCooldownSeconds: number;
  /** From the decision to the first request at a new task. */
  readonly taskStartSeconds: number;
  readonly seconds: number;
}

export interface Outcome {
  /** Waiting calls at the worst moment. */
  readonly longestQueue: number;
  /** Second from which no call waits; `undefined` if calls wait at the end. */
  readonly drainedAt: number | undefined;
  readonly mostTasks: number;
}

/**
 * Consecutive minutes that a metric must be above its target before tasks are added: the alarms of Application Auto
 * Scaling have three periods of one minute. Scaling in after fifteen minutes below the target is left out.
 */
const PERIODS = 3;
/** Seconds until a minute's value is available; CloudWatch promises none sooner. */
const METRIC_DELAY_SECONDS = 60;

/** Simulates the load. Calls wait for CPU; none is refused, as if the queue had no bound. */
export function simulate(model: Model): Outcome {
  const { arrivals, cpuMsOfCall, cpu, minTasks, maxTasks } = model;
  const callsOfTask = (cpu / 1024) * (1000 / cpuMsOfCall);
  const starting: { at: number; tasks: number }[] = [];
  const minutes: { cpuPercent: number; requests: number }[] = [];
  let [tasks, wanted, queue, longestQueue, mostTasks] = [minTasks, minTasks, 0, 0, minTasks];
  let [arrived, served, capacity, lastOut] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  let waitedLast = -1;

  for (let second = 0; second < model.seconds; second++) {
    tasks += starting.filter(({ at }) => at === second).reduce((sum, one) => sum + one.tasks, 0);
    mostTasks = Math.max(mostTasks, tasks);
    const now = arrivals(second);
    const can = tasks * callsOfTask;
    const done = Math.min(queue + now, can);
    queue += now - done;
    longestQueue = Math.max(longestQueue, queue);
    if (queue > 0.5) waitedLast = second;
    [arrived, served, capacity] = [arrived + now, served + done, capacity + can];

    if (second % 60 === 59) {
      minutes.push({ cpuPercent: (100 * served) / capacity, requests: arrived / tasks });
      [arrived, served, capacity] = [0, 0, 0];
    }
    const seen = Math.floor((second + 1 - METRIC_DELAY_SECONDS) / 60);
    const period = minutes.slice(Math.max(0, seen - PERIODS), Math.max(0, seen));
    if (period.length < PERIODS || second - lastOut < model.scaleOutCooldownSeconds) continue;
    const asked = (name: 'cpuPercent' | 'requests', target: number) =>
      period.every((minute) => minute[name] > target)
        ? Math.ceil((tasks * (period.at(-1)?.[name] ?? 0)) / target)
        : 0;
    const next = Math.min(
      maxTasks,
      Math.max(asked('cpuPercent', model.cpuPercent), asked('requests', model.requestsPerTargetPerMinute)),
    );
    if (next <= wanted) continue;
    starting.push({ at: second + model.taskStartSeconds, tasks: next - wanted });
    [wanted, lastOut] = [next, second];
  }
  return {
    longestQueue: Math.round(longestQueue),
    drainedAt: queue > 0.5 ? undefined : waitedLast + 1,
    mostTasks,
  };
}
