"""A gRPC server that is not ours, like that of OpenCue's Python agent. Prints its port and serves until its input ends."""

import sys
from concurrent import futures

import grpc
import testing_pb2 as pb
import testing_pb2_grpc as stubs


class Service(stubs.TestInterfaceServicer):
    def Echo(self, request, context):
        return pb.EchoResponse(text=request.text, payload=request.payload, big_number=request.big_number, mood=request.mood)

    def Fail(self, request, context):
        context.set_trailing_metadata((("why", "because"), ("why-bin", b"\x00\xff\x07")))
        code = next(c for c in grpc.StatusCode if c.value[0] == request.code)
        context.abort(code, request.detail)

    def Throw(self, request, context):
        raise ValueError(request.text)

    def Count(self, request, context):
        context.send_initial_metadata((("counting-to", str(request.up_to)),))
        for i in range(1, request.up_to + 1):
            yield pb.CountResponse(number=i, payload=b"\0" * request.payload_bytes)
            if i == request.fail_after:
                context.abort(grpc.StatusCode.ABORTED, "stopped at %d" % i)

    def Metadata(self, request, context):
        context.send_initial_metadata((("leading-bin", b"\x03\xc8"),))
        answer = pb.MetadataResponse(peer=context.peer())
        for key, value in context.invocation_metadata():
            if isinstance(value, bytes):
                answer.binary[key] = value
            else:
                answer.text[key] = value
        answer.deadline_in_ms = int(context.time_remaining() * 1000) if context.time_remaining() is not None else -1
        return answer


server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=10),
    compression=grpc.Compression.Gzip if "gzip" in sys.argv else None)
stubs.add_TestInterfaceServicer_to_server(Service(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
server.stop(0)
