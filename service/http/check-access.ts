import type { RequestHandler } from 'express';
import { type AccessList, checkCaller } from '../auth/access-list.ts';
import type { Principal } from '../auth/token-verifier.ts';
import { contextOf } from './context.ts';

/** Refuses a caller that an administrator has cut off, although its token is good. */
export function checkAccess(access: AccessList): RequestHandler {
  return (_request, response, next) => {
    checkCaller(access, contextOf(response).principal as Principal);
    next();
  };
}
