"""Reads messages that another implementation wrote and writes them again, to prove that both speak the same contract.

Each line on stdin is "full.message.Name base64"; each line on stdout is the same after parsing and serialising with the stubs on
PYTHONPATH. Before it, one line "method /package.Service/Method" for every method of the stubs.
"""

import base64
import importlib
import pathlib
import sys

from google.protobuf import symbol_database


class NoChannel:
    """Notes the paths that the generated stubs would call. All of OpenCue's methods are unary, so a stub needs no more of a channel."""

    def __init__(self):
        self.paths = []

    def unary_unary(self, method, *args, **kwargs):
        self.paths.append(method)


def main(stubs):
    sys.path.insert(0, stubs)
    channel = NoChannel()
    for path in sorted(pathlib.Path(stubs).glob("*_pb2_grpc.py")):
        module = importlib.import_module(path.stem)
        for name, stub in vars(module).items():
            if name.endswith("Stub"):
                stub(channel)
    for path in sorted(channel.paths):
        print("method", path)

    messages = symbol_database.Default()
    for line in sys.stdin:
        name, data = line.split(" ")
        message = messages.GetSymbol(name)()
        message.ParseFromString(base64.b64decode(data))
        # A field that the contract lacks would survive as an unknown one and hide the difference.
        message.DiscardUnknownFields()
        print(name, base64.b64encode(message.SerializeToString()).decode())


if __name__ == "__main__":
    main(sys.argv[1])
