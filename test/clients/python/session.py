"""One scenario of a Python client: the official SDK (`mcp`) or FastMCP (`fastmcp`), as their documentation has them."""

import asyncio
import json
import sys

situation = json.loads(sys.argv[1])
outcome = {"connected": False, "tools": [], "answers": [], "said": ""}


def told(error):
    """The text of an error, and of those that a group holds."""
    inner = getattr(error, "exceptions", ())
    return "; ".join(map(told, inner)) if inner else f"{type(error).__name__}: {error}"


async def play(client, shown):
    outcome["tools"] = [tool.name for tool in await shown["tools"](client)]
    outcome["connected"] = True
    for call in situation["calls"]:
        try:
            outcome["answers"].append(await shown["call"](client, call["name"], call["args"]))
        except Exception as error:
            outcome["answers"].append(told(error))


async def official():
    import httpx2
    import mcp
    from mcp.client.streamable_http import streamable_http_client

    async def tools(client):
        return (await client.list_tools()).tools

    async def call(client, name, args):
        # With a progress callback the whole answer is one event of a stream.
        async def progress(*_):
            pass

        return (await client.call_tool(name, args, progress_callback=progress)).model_dump_json()

    headers = {"Authorization": f"Bearer {situation['token']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        async with mcp.Client(streamable_http_client(situation["url"], http_client=http)) as client:
            await play(client, {"tools": tools, "call": call})


async def fastmcp():
    from fastmcp import Client

    async def tools(client):
        return await client.list_tools()

    async def call(client, name, args):
        result = await client.call_tool(name, args)
        parts = [part.model_dump_json() for part in result.content]
        return json.dumps({"content": parts, "structured": result.structured_content}, ensure_ascii=False)

    async with Client(situation["url"], auth=situation["token"]) as client:
        await play(client, {"tools": tools, "call": call})


try:
    asyncio.run({"mcp": official, "fastmcp": fastmcp}[situation["adapter"]]())
except BaseException as error:
    outcome["said"] = told(error)
with open(situation["outcome"], "w", encoding="utf-8") as file:
    json.dump(outcome, file)
