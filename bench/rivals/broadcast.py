"""The plainest broadcast there is: the `websockets` library, every message of one Redis channel to all."""

import asyncio
import os
import sys

import redis.asyncio as redis
from websockets.asyncio.server import ServerConnection, broadcast, serve

CHANNEL = "bench:broadcast"
_open: set[ServerConnection] = set()


async def _hold(connection: ServerConnection) -> None:
    _open.add(connection)
    await connection.wait_closed()
    _open.discard(connection)


async def main(port: int) -> None:
    """Serve until killed."""
    subscription = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None).pubsub()
    await subscription.subscribe(CHANNEL)
    async with serve(_hold, "127.0.0.1", port, compression=None):
        async for message in subscription.listen():
            if message["type"] == "message":
                broadcast(_open, message["data"].decode())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[sys.argv.index("--port") + 1])))
