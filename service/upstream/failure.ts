import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { ServiceError } from '../errors.ts';
import { describeError } from '../logging/logger.ts';

/**
 * The row of an error of the connection or of the server. The server's text is only in the reason.
 *
 * @param isRestricted whether arguments of the call may not be recorded: the server's text may repeat one. @default false
 */
export function toServiceError(error: unknown, isRestricted = false): ServiceError {
  if (
    error instanceof ServiceError &&
    (error.code === 'result_not_accepted' || /_changed$/.test(error.code))
  ) {
    return error;
  }
  const { error: kind, code, message } = describeError(error);
  const number = error instanceof ProtocolError ? error.code : code;
  const options = {
    reason: [kind, number, isRestricted ? '' : message].filter(Boolean).join(' '),
    cause: error,
  };
  if (error instanceof ProtocolError) {
    return new ServiceError(
      /structured content/i.test(error.message) ? 'result_not_accepted' : 'server_refused',
      options,
    );
  }
  const isBound = error instanceof ServiceError || /^TOO_MANY_/.test(String(code));
  const isInvalid =
    error instanceof SdkError &&
    [SdkErrorCode.InvalidResult, SdkErrorCode.UnsupportedResultType].includes(error.code) &&
    !(error instanceof SdkHttpError);
  return new ServiceError(isBound || isInvalid ? 'result_not_accepted' : 'server_unavailable', options);
}
