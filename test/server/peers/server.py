"""A server on the official Python SDK, which speaks both eras."""

import base64
import sys

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.exceptions import ToolError

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
counts = {"cancelled": 0}
server = MCPServer("python")


@server.tool()
def echo(text: str) -> str:
    """Echoes"""
    return text


@server.tool()
def image() -> Image:
    """An image"""
    return Image(data=base64.b64decode(PIXEL), format="png")


@server.tool()
async def count(context: Context) -> str:
    """Counts to three, with progress"""
    for step in (1, 2, 3):
        await context.report_progress(step, 3)
        await anyio.sleep(0.1)
    return "done"


@server.tool()
def fails() -> str:
    """Fails"""
    raise ToolError("out of stock")


@server.tool()
async def slow() -> str:
    """Takes a minute"""
    try:
        await anyio.sleep(60)
    except anyio.get_cancelled_exc_class():
        counts["cancelled"] += 1
        raise
    return "done"


@server.tool()
def cancelled() -> int:
    """How many calls of slow were cancelled"""
    return counts["cancelled"]


@server.resource("notes://today", mime_type="text/plain")
def today() -> str:
    """A note"""
    return "a note"


@server.resource("notes://days/{day}", mime_type="text/plain")
def of_day(day: str) -> str:
    """The note of a day"""
    return f"note of {day}"


@server.prompt()
def ask(thing: str) -> str:
    """Asks about a thing"""
    return f"What is {thing}?"


server.run(transport="streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
