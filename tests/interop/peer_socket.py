"""A peer without media: the part of the peer socket's protocol that connects it to a room."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass

import betterproto
from websockets.asyncio.client import connect

from checks import FISHJAM_ID, equal


@dataclass(eq=False, repr=False)
class Authenticated(betterproto.Message):
    room_type: int = betterproto.int32_field(1)


@dataclass(eq=False, repr=False)
class AuthRequest(betterproto.Message):
    token: str = betterproto.string_field(1)


@dataclass(eq=False, repr=False)
class MediaEvent(betterproto.Message):
    data: str = betterproto.string_field(1)


@dataclass(eq=False, repr=False)
class PeerMessage(betterproto.Message):
    authenticated: Authenticated = betterproto.message_field(1, group="content")
    auth_request: AuthRequest = betterproto.message_field(2, group="content")
    media_event: MediaEvent = betterproto.message_field(3, group="content")


@asynccontextmanager
async def connected_peer(token):
    """Opens the socket of a peer, and waits until its token is accepted."""
    base = "ws" + FISHJAM_ID.removeprefix("http")
    async with connect(f"{base}/socket/peer/websocket") as socket:
        await socket.send(bytes(PeerMessage(auth_request=AuthRequest(token=token))))
        await answered(socket, "authenticated")
        yield socket


async def answered(socket, name):
    message = PeerMessage().parse(await socket.recv(decode=False))
    equal(betterproto.which_one_of(message, "content")[0], name)


async def set_metadata(socket, metadata):
    event = json.dumps({"type": "connect", "data": {"metadata": metadata}})
    await socket.send(bytes(PeerMessage(media_event=MediaEvent(data=event))))
    await answered(socket, "media_event")
