import { CONNECTION_DEFECTS } from './support/connection-defects.ts';
import { findsEach } from './support/finds-defect.ts';

findsEach(CONNECTION_DEFECTS);
