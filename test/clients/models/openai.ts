import { type Dialect, event, LAST_WORD, shown } from './dialect.ts';

interface ResponsesTool {
  readonly type: string;
  readonly name?: string;
  /** The tools of a namespace. */
  readonly tools?: readonly { readonly name: string }[];
}

interface ResponsesBody {
  readonly tools?: readonly ResponsesTool[];
  readonly input?: readonly { readonly type?: string; readonly output?: unknown }[];
}

/** The Responses API, in the form that Codex uses. A namespace's tool is called by both names. */
export const responses: Dialect = {
  path: /\/responses$/,
  read(body) {
    const { tools = [], input = [] } = body as ResponsesBody;
    return {
      tools: tools.flatMap(({ name = '', tools: inner }) =>
        inner === undefined ? [name] : inner.map((tool) => `${tool.name}\n${name}`),
      ),
      results: input
        .filter(({ type }) => type === 'function_call_output')
        .map(({ output }) => shown((output as { content?: unknown } | undefined)?.content ?? output)),
    };
  },
  answer(call) {
    const [name, namespace] = call?.name.split('\n') ?? [];
    const item =
      call === undefined
        ? {
            ...{ type: 'message', role: 'assistant', id: 'msg_1' },
            content: [{ type: 'output_text', text: LAST_WORD }],
          }
        : {
            ...{ type: 'function_call', id: `fc_${call.id}`, call_id: `call_${call.id}`, name },
            ...(namespace === undefined ? {} : { namespace }),
            arguments: JSON.stringify(call.args),
          };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    return [
      event({ type: 'response.created', response: { id: 'resp_1' } }),
      event({ type: 'response.output_item.done', output_index: 0, item }),
      event({ type: 'response.completed', response: { id: 'resp_1', output: [item], usage } }),
    ];
  },
};

interface ChatBody {
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly messages?: readonly { readonly role: string; readonly content?: unknown }[];
}

/** The Chat Completions API, in the form that opencode uses for a custom provider. */
export const chat: Dialect = {
  path: /\/chat\/completions$/,
  read(body) {
    const { tools = [], messages = [] } = body as ChatBody;
    return {
      tools: tools.map((tool) => tool.function.name),
      results: messages.filter(({ role }) => role === 'tool').map(({ content }) => shown(content)),
    };
  },
  answer(call) {
    const chunk = (delta: object, finish_reason: string | null) =>
      event({
        ...{ id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: 'stand-in' },
        choices: [{ index: 0, delta, finish_reason }],
      });
    if (call === undefined) {
      return [chunk({ role: 'assistant', content: LAST_WORD }, null), chunk({}, 'stop'), 'data: [DONE]\n\n'];
    }
    const asked = { name: call.name, arguments: JSON.stringify(call.args) };
    const tool_calls = [{ index: 0, id: `call_${call.id}`, type: 'function', function: asked }];
    return [chunk({ role: 'assistant', tool_calls }, null), chunk({}, 'tool_calls'), 'data: [DONE]\n\n'];
  },
};
