import { findsEach } from './support/finds-defect.ts';
import { MESSAGE_DEFECTS } from './support/message-defects.ts';

findsEach(MESSAGE_DEFECTS);
