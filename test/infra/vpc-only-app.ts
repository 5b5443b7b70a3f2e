import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, Stack } from 'aws-cdk-lib/core';

// The smallest app that is worth a comparison: one stack with one VPC.
new Vpc(new Stack(new App(), 'VpcOnly'), 'Vpc');
