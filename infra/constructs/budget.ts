import { createHash } from 'node:crypto';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { email, wholeNumber } from '../lib/option-types.ts';

export const budgetOptions = z.strictObject({
  monthlyUsd: wholeNumber(1, 1_000_000).describe(
    "USD a month that this stack may cost. Costs count as this stack's once the cost allocation tag " +
      "`aws:cloudformation:stack-name` is active in the account's billing, which takes a day.",
  ),
  email: email().describe(
    'E-mail address that is notified at 80 % of the budget, and when the forecast for the month exceeds it.',
  ),
});

/**
 * Notifies before the bill arrives. The firewall and the scaling limits bound the cost of an attack; this alarm reports
 * it.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: z.output<typeof budgetOptions>) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const subscribers = [{ subscriptionType: 'EMAIL', address: props.email }];
    const above = (notificationType: string, threshold: number) => ({
      notification: {
        notificationType,
        threshold,
        thresholdType: 'PERCENTAGE',
        comparisonOperator: 'GREATER_THAN',
      },
      subscribers,
    });
    const notificationsWithSubscribers = [above('ACTUAL', 80), above('FORECASTED', 100)];
    // CloudFormation replaces a budget whose notifications change, and makes the new one before it deletes the old one. So
    // another address must give another name.
    const hash = createHash('sha256').update(JSON.stringify(notificationsWithSubscribers)).digest('hex');
    new CfnBudget(this, 'Resource', {
      budget: {
        budgetName: `${stackName}-${hash.slice(0, 8)}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: props.monthlyUsd, unit: 'USD' },
        costFilters: { TagKeyValue: [`aws:cloudformation:stack-name$${stackName}`] },
      },
      notificationsWithSubscribers,
    });
  }
}
