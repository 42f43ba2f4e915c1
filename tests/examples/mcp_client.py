"""Uses an MCP server as its clients do, by the SDK `mcp`, which is given no more than the server's URL.

Input: {"url": …, "other": …}, the second one another API of the same pool. Prints the steps that were taken, one a line.
"""

import asyncio
import base64
import json
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

given = json.load(sys.stdin)
URL, OTHER = given["url"], given["other"]
SCOPE, PASSWORD = "notes/use", "Passw0rd!"
WELL_KNOWN = "/.well-known/oauth-protected-resource" + urlsplit(URL).path
COPY = "/.well-known/oauth-authorization-server"


class Storage:
    """What a client keeps of its registration and of its tokens."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Callback:
    """A loopback address, where the browser of who has signed in ends."""

    async def __aenter__(self):
        self.came = asyncio.get_running_loop().create_future()
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/callback"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer):
        target = (await reader.readline()).split()[1].decode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        if not self.came.done():
            self.came.set_result({name: values[0] for name, values in parse_qs(urlsplit(target).query).items()})

    async def result(self):
        query = await asyncio.wait_for(self.came, 30)
        self.came = asyncio.get_running_loop().create_future()
        assert "error" not in query, query
        return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


class McpClient:
    """One registration, one person who signs in with a password, and a log of all requests."""

    def __init__(self, username, callback):
        self.username, self.storage, self.log, self.asked = username, Storage(), [], []
        metadata = OAuthClientMetadata(
            client_name=f"Notes of {username}", redirect_uris=[callback.url], token_endpoint_auth_method="none"
        )
        self.provider = OAuthClientProvider(
            URL, metadata, self.storage, redirect_handler=self.sign_in, callback_handler=callback.result
        )

    async def sign_in(self, url):
        """What the person does in a browser: open the page, type the password, be sent to the callback."""
        self.asked.append({name: values[0] for name, values in parse_qs(urlsplit(url).query).items()})
        async with httpx2.AsyncClient(follow_redirects=True, trust_env=False) as browser:
            page = await browser.get(url)
            assert page.status_code == 200 and "password" in page.text, (page.status_code, str(page.url), page.text)
            page = await browser.post(page.url, data={"username": self.username, "password": PASSWORD})
            assert page.status_code == 200 and page.url.path == "/callback", (page.status_code, str(page.url))

    async def note(self, response):
        self.log.append((response.request.method, response.request.url.path, response.status_code))

    @asynccontextmanager
    async def session(self):
        http = httpx2.AsyncClient(auth=self.provider, trust_env=False, timeout=30, event_hooks={"response": [self.note]})
        async with http, streamable_http_client(URL, http_client=http) as (read, write):
            async with ClientSession(read, write) as session:
                await session.initialize()
                yield session

    def claims(self):
        payload = self.storage.tokens.access_token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def counts(self):
        return Counter((method, path) for method, path, _ in self.log)


async def tool(session, name, **arguments):
    result = await session.call_tool(name, arguments)
    return result.content[0].text, result.is_error


def step(words):
    print(words)


async def registers_signs_in_and_calls(callback):
    bob = McpClient("bob", callback)
    async with bob.session() as session:
        assert bob.log[0] == ("POST", urlsplit(URL).path, 401), bob.log
        assert bob.log[1:3] == [("GET", WELL_KNOWN, 200), ("GET", COPY, 200)], bob.log
        step("finds the pool by the API's URL alone")
        assert bob.log[3] == ("POST", "/oauth2/register", 201), bob.log
        client = bob.storage.client
        assert client.client_id and client.client_secret is None, client
        step("registers")
        assert bob.asked[0]["resource"] == URL and bob.asked[0]["scope"] == SCOPE, bob.asked
        claims = bob.claims()
        assert (claims["aud"], claims["client_id"], claims["scope"]) == (URL, client.client_id, SCOPE), claims
        step("signs in with the API as audience")
        names = [tool.name for tool in (await session.list_tools()).tools]
        assert names == ["whoami", "list_notes", "add_note"], names
        assert await tool(session, "whoami") == (f"bob, by the client {client.client_id}", False)
        assert await tool(session, "add_note", text="Milk") == ("Added", False)
        assert await tool(session, "list_notes") == ("Milk", False)
        step("calls tools")

        before = bob.storage.tokens
        bob.provider.context.token_expiry_time = time.time() - 1
        assert await tool(session, "list_notes") == ("Milk", False)
        assert bob.storage.tokens.access_token != before.access_token
        assert bob.claims()["aud"] == URL, bob.claims()
        step("refreshes")
    assert len(bob.asked) == 1, bob.asked
    assert bob.counts()["POST", "/oauth2/register"] == 1, bob.log
    assert bob.counts()["POST", "/oauth2/token"] == 2, bob.log


async def may_do_less(callback):
    carol = McpClient("carol", callback)
    async with carol.session() as session:
        assert await tool(session, "add_note", text="Bread") == ("Only editors add notes", True)
        assert await tool(session, "list_notes") == ("Milk", False)
    step("may do less as somebody else")


async def is_refused_with_another_audience(callback):
    alice = McpClient("alice", callback)
    alice.provider.context.get_resource_url = lambda: OTHER
    try:
        async with alice.session():
            raise AssertionError("a token for another API counts")
    except* Exception as group:
        assert not group.subgroup(AssertionError), group
    claims = alice.claims()
    assert (claims["aud"], claims["scope"]) == (OTHER, SCOPE), claims
    assert alice.log[-1] == ("POST", urlsplit(URL).path, 401), alice.log
    step("is refused with another audience")


async def main():
    async with Callback() as callback:
        await registers_signs_in_and_calls(callback)
        await may_do_less(callback)
        await is_refused_with_another_audience(callback)


asyncio.run(asyncio.wait_for(main(), 120))
