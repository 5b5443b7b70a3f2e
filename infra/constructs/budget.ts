import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { assertMatches, assertWithin } from '../lib/validation.ts';

export interface BudgetOptions {
  /**
   * USD a month that this stack may cost, 1–1000000. Costs are this stack's once the cost allocation tag
   * `aws:cloudformation:stack-name` is activated in the account's billing, which takes a day to count.
   */
  readonly monthlyUsd: number;
  /** Address that is told at 80 % spent, and when the month is forecast to end above the budget. */
  readonly email: string;
}

/** A mail before the bill: the firewall and the scaling bound what an attacker can make this cost, this one tells. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: BudgetOptions) {
    super(scope, id);
    assertWithin('budget.monthlyUsd', props.monthlyUsd, 1, 1_000_000);
    assertMatches('budget.email', props.email, /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address');
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
    new CfnBudget(this, 'Resource', {
      budget: {
        budgetName: stackName,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: props.monthlyUsd, unit: 'USD' },
        costFilters: { TagKeyValue: [`aws:cloudformation:stack-name$${stackName}`] },
      },
      notificationsWithSubscribers: [above('ACTUAL', 80), above('FORECASTED', 100)],
    });
  }
}
