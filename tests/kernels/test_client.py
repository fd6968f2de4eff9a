"""The grader's end of the channels."""

import subprocess
import sys

# A peer sends messages of many frames and leaves before they are read; the process that reads must outlive that.
LEFT = """
import asyncio, sys, time
import zmq
from grader.kernels.client import new_context

peer = zmq.Context()
voice = peer.socket(zmq.PUB)
voice.bind(f"ipc://{sys.argv[1]}/k")
mine = new_context(1_000_000)
ear = mine.socket(zmq.SUB)
ear.subscribe(b"")
ear.connect(f"ipc://{sys.argv[1]}/k")

async def hear():
    while not await ear.poll(50):  # until it has subscribed
        voice.send_multipart([b"x"] * 1000)
    for _ in range(3):
        voice.send_multipart([b"x"] * 1000)
    time.sleep(0.2)
    peer.destroy(linger=0)
    time.sleep(0.2)
    heard = 0
    while await ear.poll(200):
        heard += len(await ear.recv_multipart()) == 1000
    return heard

print(asyncio.run(hear()))
mine.destroy(linger=0)
"""


def test_messages_of_a_kernel_that_is_gone_are_read_to_their_end(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LEFT, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 4
