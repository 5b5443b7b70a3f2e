import { allowance } from './allowances.ts';
import { ASSUMPTIONS, HOURS } from './assumptions.ts';
import { type Amount, BILLABLE, byGroup, type Estimate, total } from './estimate.ts';
import type { Examples } from './examples.ts';
import { PRICES, type Price } from './prices.ts';
import { money } from './report.ts';
import { FREE } from './resources/free.ts';

type Cells = readonly string[];

function table(head: Cells, body: readonly Cells[], numbers: readonly number[] = []): string {
  const rule = head.map((_, column) => (numbers.includes(column) ? '---:' : '---'));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Idle and per million of each stage. */
const amounts = (of: readonly (Amount | undefined)[]): Cells =>
  of.flatMap((amount) => [money(amount?.idle ?? 0), money(amount?.perMillion ?? 0)]);

function bill(stages: readonly Estimate[]): string {
  const sums = stages.map(byGroup);
  const groups = [...new Set(sums.flatMap((of) => [...of.keys()]))];
  const body = groups.map((group) => [group, ...amounts(sums.map((of) => of.get(group)))]);
  const head = stages.flatMap(({ name }) => [name, '+ a million calls']);
  const sum = ['**Total**', ...amounts(stages).map((cell) => `**${cell}**`)];
  return table(['', ...head], [...body, sum], [1, 2, 3, 4]);
}

function reasons(stages: readonly Estimate[]): string {
  const body = Object.entries(BILLABLE).flatMap(([type, { why }]) => {
    const sums = stages.map(({ items }) => items.filter((item) => item.type === type));
    if (sums.every((items) => items.length === 0)) return [];
    return [
      [`\`${type}\``, ...sums.flatMap((items) => [String(items.length), money(total(items).idle)]), why],
    ];
  });
  const head = stages.flatMap(({ name }) => ['', name]);
  return table(['resource', ...head, 'what for'], body, [1, 2, 3, 4]);
}

function networks(of: Examples['networks']): string {
  const body = [...of].map(([name, estimate]) => [
    name,
    money(byGroup(estimate).get('Way out')?.idle ?? 0),
    ...amounts([estimate]),
  ]);
  return table(['`prod` with', 'way out', 'idle', '+ a million calls'], body, [1, 2, 3]);
}

function prices(): string {
  const body = Object.values<Price>(PRICES).map(({ usd, unit, source, read, note = '' }) => [
    ...[
      unit,
      String(usd),
      `[${source.replace('https://aws.amazon.com/', '').slice(0, -1)}](${source})`,
      read,
      note,
    ],
  ]);
  return table(['unit', 'USD', 'page', 'of', ''], body, [1]);
}

/** The page docs/cost.md. */
export function page({ stages, networks: ways, devInVpc }: Examples): string {
  const [dev, prod] = stages;
  const group = (name: 'Way out' | 'Load balancer' | 'Firewalls' | 'Tasks and functions') =>
    byGroup(dev).get(name)?.idle ?? 0;
  const needed =
    group('Way out') + group('Load balancer') + group('Firewalls') + group('Tasks and functions');
  const read = Object.values<Price>(PRICES).map((price) => price.read);
  const keys = prod.items.filter(({ type }) => type === 'AWS::KMS::Key').length;
  return `# Cost

Written by \`npm run cost -- --write\`; a test holds it to the templates. USD a month of ${HOURS} hours for the stages as they
come, in us-east-1, at list prices read between ${[...read].sort()[0]} and ${[...read].sort().at(-1)}, each with its day [below](#prices): before tax and discounts, and before [what every
account has free](../cli/cost/allowances.ts), which is ${money(allowance(dev))} of \`dev\` and ${money(allowance(prod))} of \`prod\` where nothing else uses it up.
\`npm run -s cost\` says it of your stages, resource by resource, without an account.

![USD a month by part of the bill](cost.svg)

${bill(stages)}

## Targets

| stage, idle | target | now |
|---|---:|---:|
| \`prod\`: two tasks, two zones | 175 | ${money(prod.idle)} |
| \`dev\` in a VPC that has a way out (\`network.vpc\`) | 80 | ${money(devInVpc.idle)} |
| \`dev\` with a VPC of its own | 80 | ${money(dev.idle)}, not met |

\`dev\` is \`prod\` made small, not made open. ${money(needed)} of it are what it consists of: the way out
${money(group('Way out'))}, the load balancer ${money(group('Load balancer'))}, the firewalls ${money(group('Firewalls'))}, one task of the least size and the functions
${money(group('Tasks and functions'))}. Cheaper ways out are a task with a public address, or an instance that somebody patches; without
Container Insights it would fail FSBP ECS.12, with fewer rules \`dev\` would not be what is tested for \`prod\`. What is not
looked at for a while costs least when it is destroyed: \`npx cdk destroy\`.

## What each is for

Types that cost something in these stages, how many, and USD a month while idle. Each default has its reason.

${reasons(stages)}

## Ways out

${networks(ways)}

A regional NAT gateway is billed in each zone it serves, so it costs what two gateways do; it saves routes, not money. With
one gateway a zone’s failure ends scraping for all tasks, and traffic from the other zone costs 0.01 USD a GB more, which is
not counted. Endpoints cost by number and zone (four, in two zones); nothing scrapes through them. In a VPC of yours there is
no DNS firewall, no flow log and no way out on this bill.

## Assumptions

Round numbers, chosen and not measured. A call is one \`tools/call\` that scrapes one page; a million are 0.4 a second, which
the tasks that are there answer.

${table(
  ['', ''],
  Object.values(ASSUMPTIONS).map(({ value, what }) => [value.toLocaleString('en-US'), what]),
  [0],
)}

Container Insights is counted from AWS’s table of metrics and their dimensions. Logs are priced as if their whole retention
had gone by and nothing were compressed. Not counted: what strangers send (the firewall’s rates and \`budget\` bound and tell
it), tasks that scaling adds, the image in the bootstrap repository (0.10 USD a GB), queries that people run, your hosted
zone (0.50), and the rotations of keys: each of the ${keys} keys costs 1 USD more after its first and again after its second year.

## Free

A type that is neither priced nor here fails \`npm run cost\` by its name.

${table(
  ['type', 'why'],
  Object.entries(FREE).map(([type, why]) => [`\`${type}\``, why]),
)}

## Prices

us-east-1. The pages themselves were out of reach when this was written: each number is what a public record of AWS’s page,
or of the price list behind it, has of that day. Compare the dear ones before you rely on them.

${prices()}
`;
}
