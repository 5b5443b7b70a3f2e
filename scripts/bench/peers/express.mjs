// The floor: Express as everyone starts with it. It parses JSON and answers JSON, and knows nothing of MCP.
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
