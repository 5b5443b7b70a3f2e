const told = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error));

/**
 * One scenario of an application: connect, list, call.
 *
 * @param connect makes a client with `list()` and `call(name, args)` for the situation
 */
export async function play(situation, connect) {
  const outcome = { connected: false, tools: [], answers: [], said: '' };
  try {
    const client = await connect(situation);
    outcome.tools = await client.list();
    outcome.connected = true;
    for (const { name, args } of situation.calls) {
      outcome.answers.push(await client.call(name, args).catch(told));
    }
  } catch (error) {
    outcome.said = told(error);
  }
  return outcome;
}
