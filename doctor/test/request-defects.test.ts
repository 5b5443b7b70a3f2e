import { findsEach } from './support/finds-defect.ts';
import { REQUEST_DEFECTS } from './support/request-defects.ts';

findsEach(REQUEST_DEFECTS);
