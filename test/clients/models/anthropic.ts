import { type Dialect, event, LAST_WORD, shown } from './dialect.ts';

interface Body {
  readonly tools?: readonly { readonly name: string }[];
  readonly messages?: readonly {
    readonly content: string | readonly { readonly type: string; readonly content?: unknown }[];
  }[];
}

const usage = { input_tokens: 1, output_tokens: 1 };

/** The Messages API, in the form that Claude Code uses. */
export const anthropic: Dialect = {
  path: /\/v1\/messages$/,
  read(body) {
    const { tools = [], messages = [] } = body as Body;
    const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
    return {
      tools: tools.map(({ name }) => name),
      results: parts.filter(({ type }) => type === 'tool_result').map(({ content }) => shown(content)),
    };
  },
  answer(call) {
    const block =
      call === undefined
        ? { type: 'text', text: '' }
        : { type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: {} };
    const delta =
      call === undefined
        ? { type: 'text_delta', text: LAST_WORD }
        : { type: 'input_json_delta', partial_json: JSON.stringify(call.args) };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'stand-in', content: [] };
    const stop = { stop_reason: call === undefined ? 'end_turn' : 'tool_use', stop_sequence: null };
    return [
      event({
        type: 'message_start',
        message: { ...message, stop_reason: null, stop_sequence: null, usage },
      }),
      event({ type: 'content_block_start', index: 0, content_block: block }),
      event({ type: 'content_block_delta', index: 0, delta }),
      event({ type: 'content_block_stop', index: 0 }),
      event({ type: 'message_delta', delta: stop, usage }),
      event({ type: 'message_stop' }),
    ];
  },
};
