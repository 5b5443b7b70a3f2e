import type { RequestHandler } from 'express';
import type { AccessList } from '../auth/access-list.ts';
import type { Principal } from '../auth/token-verifier.ts';
import { contextOf } from './context.ts';

/** Refuses a caller that an administrator has cut off, although its token is good. */
export function checkAccess(access: AccessList): RequestHandler {
  return (_request, response, next) => {
    const { clientId, user } = contextOf(response).principal as Principal;
    access.check('clients', clientId);
    if (user !== undefined) access.check('users', user.subject);
    next();
  };
}
