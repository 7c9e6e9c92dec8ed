"""Two agents in one room, the official SDK's and ours: each receives the exact bytes of the other."""

import asyncio
import sys

import checks
from checks import FISHJAM_ID, check, equal, true
from fishjam import AgentOptions, AgentOutputOptions
from fishjam.agent import Agent, AgentAuthError, IncomingTrackData, IncomingTrackImage, OutgoingAudioTrackOptions
from fishjam.events import TrackEncoding, TrackType

# Longer than each step takes.
PATIENCE = 60

# Chunk that signals the script's turn.
GO = b"go"
# Ten seconds, and 20 milliseconds, at 16 kHz; the program has the same.
LONG, SHORT = b"\x01" * 320_000, b"\x02" * 640


def chunks(seed):
    """Returns the same chunks as in the program: 50 of a usual size, two odd ones and a large one."""
    sizes = [640] * 50 + [1, 3, 200_001]
    return [bytes((seed + 7 * number + 13 * at) % 251 for at in range(size)) for number, size in enumerate(sizes)]


class Ears:
    """The messages that an agent's session receives."""

    def __init__(self, session):
        self._messages = session.receive()

    async def next(self, kind):
        async with asyncio.timeout(PATIENCE):
            message = await anext(self._messages)
        true(isinstance(message, kind), f"expected {kind.__name__}, got {message!r:.200}")
        return message

    async def hear(self):
        return (await self.next(IncomingTrackData)).data


async def refused():
    with check("P65 an agent with a made-up token: AgentAuthError with the reason"):
        agent = Agent("id", "room", "made-up", FISHJAM_ID)
        try:
            async with agent.connect():
                raise AssertionError("it connected")
        except AgentAuthError as error:
            equal("invalid token" in str(error), True)


async def talk():
    """Talks with the program's agent, which is already in the room and starts with a chunk."""
    await refused()
    room_id, other, video = sys.argv[2:]
    fishjam = checks.client()
    agent = fishjam.create_agent(room_id, AgentOptions(output=AgentOutputOptions(audio_sample_rate=16000)))
    async with agent.connect() as session:
        ears = Ears(session)
        with check("P66 the room shows the agent as connected"):
            [peer] = [peer for peer in fishjam.get_room(room_id).peers if peer.id == agent.id]
            equal((peer.type_, peer.status), ("agent", "connected"))
        mono = await session.add_track(OutgoingAudioTrackOptions())
        with check("the program's chunks arrive unchanged"):
            for expected in chunks(1):
                message = await ears.next(IncomingTrackData)
                equal((message.peer_id, message.data), (other, expected))
            equal(message.track.type, TrackType.TRACK_TYPE_AUDIO)
        for chunk in chunks(2):
            await mono.send_chunk(chunk)
        with check("an image of a video track arrives"):
            await session.capture_image(video)
            image = await ears.next(IncomingTrackImage)
            equal((image.track_id, image.content_type), (video, "image/jpeg"))
            equal(image.data, bytes(at % 256 for at in range(300_000)))
        # From here on tracks are played out in real time.
        with check("the program's interruption discards queued audio"):
            equal(await ears.hear(), GO)
            old = b""
            while (heard := await ears.hear()) != SHORT:
                old += heard
            true(0 < len(old) < len(LONG) and LONG.startswith(old), f"{len(old)} bytes were heard")
        second = await session.add_track(
            OutgoingAudioTrackOptions(encoding=TrackEncoding.TRACK_ENCODING_PCM16, sample_rate=16000, channels=1)
        )
        await second.send_chunk(LONG)
        await asyncio.sleep(0.1)
        await second.interrupt()
        await second.send_chunk(SHORT)
        with check("the program ends the conversation"):
            equal(await ears.hear(), GO)


if __name__ == "__main__":
    checks.main(talk=talk)
