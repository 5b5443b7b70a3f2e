// The baseline: plain Express. It parses and returns JSON, without MCP.
import express from 'express';
import { started } from '../started.ts';

const app = express();
app.use(express.json());
app.post('/mcp', (request, response) => {
  response.json({
    jsonrpc: '2.0',
    id: request.body.id,
    result: { content: [{ type: 'text', text: `Hello ${request.body.params.arguments.name}` }] },
  });
});
const server = app.listen(0, '127.0.0.1', () => started(server));
