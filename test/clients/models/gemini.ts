import { type Dialect, event, LAST_WORD, shown } from './dialect.ts';

interface Part {
  readonly functionResponse?: { readonly response?: { readonly output?: unknown; readonly error?: unknown } };
}

interface Body {
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[];
  readonly contents?: readonly { readonly parts?: readonly Part[] }[];
}

/** The generateContent API, in the form that Gemini CLI uses. */
export const gemini: Dialect = {
  path: /:streamGenerateContent$/,
  read(body) {
    const { tools = [], contents = [] } = body as Body;
    const answered = contents.flatMap(({ parts = [] }) =>
      parts.flatMap(({ functionResponse }) => (functionResponse === undefined ? [] : [functionResponse])),
    );
    return {
      tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name)),
      results: answered.map(({ response }) => shown(response?.output ?? response?.error ?? response)),
    };
  },
  answer(call) {
    const part =
      call === undefined
        ? { text: LAST_WORD }
        : {
            functionCall: { id: call.id, name: call.name, args: call.args },
            thoughtSignature: 'c2lnbmF0dXJl',
          };
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    return [
      event({
        candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
        ...{ usageMetadata, modelVersion: 'stand-in' },
      }),
    ];
  },
};
