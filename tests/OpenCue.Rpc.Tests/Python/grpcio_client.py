"""Scenarios of a gRPC client that is not ours. Usage: grpcio_client.py SCENARIO PORT [ARGUMENTS]."""

import sys
import time

import grpc
import testing_pb2 as pb
import testing_pb2_grpc as stubs

MIB = 1024 * 1024


def channel(port, **kwargs):
    options = [
        ("grpc.max_receive_message_length", 200 * MIB),
        ("grpc.max_send_message_length", 200 * MIB),
    ]
    return grpc.insecure_channel("127.0.0.1:%s" % port, options=options, **kwargs)


def error_of(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except grpc.RpcError as e:
        return e
    raise AssertionError("the call succeeded")


def equal(actual, expected):
    assert actual == expected, "%r is not %r" % (actual, expected)


def unary(port):
    stub = stubs.TestInterfaceStub(channel(port))
    for size in (0, 1, 100, 4096, 65536, 70000, 3 * MIB):
        payload = bytes(i % 251 for i in range(1000)) * (size // 1000) + b"x" * (size % 1000)
        answer = stub.Echo(pb.EchoRequest(text="Grüße %d" % size, payload=payload, big_number=-(2**62), mood=pb.ANGRY), timeout=20)
        equal(answer.text, "Grüße %d" % size)
        equal(answer.payload, payload)
        equal(answer.big_number, -(2**62))
        equal(answer.mood, pb.ANGRY)
    futures = [stub.Echo.future(pb.EchoRequest(text=str(i)), timeout=20) for i in range(500)]
    equal([f.result().text for f in futures], [str(i) for i in range(500)])


def streaming(port):
    stub = stubs.TestInterfaceStub(channel(port))
    call = stub.Count(pb.CountRequest(up_to=1000, payload_bytes=2000), timeout=20)
    equal(dict(call.initial_metadata())["counting-to"], "1000")
    equal([r.number for r in call], list(range(1, 1001)))
    equal(dict(call.trailing_metadata())["counted"], "yes")
    equal(list(stub.Count(pb.CountRequest(up_to=0), timeout=20)), [])
    seen = []
    try:
        for r in stub.Count(pb.CountRequest(up_to=10, fail_after=3), timeout=20):
            seen.append(r.number)
        raise AssertionError("the stream ended well")
    except grpc.RpcError as e:
        equal((seen, e.code(), e.details()), ([1, 2, 3], grpc.StatusCode.ABORTED, "stopped at 3"))
    equal(stub.Sum((pb.CountResponse(number=i) for i in range(100)), timeout=20).number, 4950)
    equal([r.text for r in stub.Chat((pb.EchoRequest(text=str(i)) for i in range(100)), timeout=20)], [str(i) for i in range(100)])
    # A reader slower than the writer: nothing is lost.
    total = 0
    for r in stub.Count(pb.CountRequest(up_to=200, payload_bytes=100000), timeout=60):
        total += len(r.payload)
        if r.number % 50 == 0:
            time.sleep(0.05)
    equal(total, 200 * 100000)


def errors(port):
    stub = stubs.TestInterfaceStub(channel(port))
    for code in grpc.StatusCode:
        number = code.value[0]
        if number == 0:
            continue
        detail = "100 % schlecht: 日本 🎬\nzweite Zeile %41 %zz"
        e = error_of(stub.Fail, pb.FailRequest(code=number, detail=detail), timeout=20)
        equal((e.code(), e.details()), (code, detail))
        trailers = dict(e.trailing_metadata())
        equal((trailers["why"], trailers["why-bin"]), ("because", b"\x00\xff\x07"))
    e = error_of(stub.Missing, pb.EchoRequest(), timeout=20)
    equal((e.code(), e.details()), (grpc.StatusCode.UNIMPLEMENTED, "/rpctest.TestInterface/Missing is not implemented by this server."))
    for path in ("/nobody.Knows/This", "/rpctest.TestInterface/Nothing"):
        unknown = channel(port).unary_unary(path)
        e = error_of(unknown, b"", timeout=20)
        equal((e.code(), e.details()), (grpc.StatusCode.UNIMPLEMENTED, "This server has no method %s." % path))
    e = error_of(stub.Throw, pb.EchoRequest(text="broken ä"), timeout=20)
    equal((e.code(), e.details()), (grpc.StatusCode.INTERNAL, "broken ä"))
    e = error_of(stub.Fail, pb.FailRequest(code=5, detail="x" * 100000), timeout=20)
    equal((e.code(), e.details()[:10], e.details()[-4:]), (grpc.StatusCode.NOT_FOUND, "x" * 10, "x..."))
    e = error_of(channel(port).unary_unary("/rpctest.TestInterface/Echo"), b"\xff\xff\xff", timeout=20)
    equal(e.code(), grpc.StatusCode.INTERNAL)


def metadata(port):
    stub = stubs.TestInterfaceStub(channel(port))
    sent = [("x-text", "plain ~ text"), ("x-data-bin", bytes(range(256))), ("x-data-bin", b""), ("x-run-id", "abc")]
    answer, call = stub.Metadata.with_call(pb.EchoRequest(), metadata=sent, timeout=30)
    equal(answer.text["x-text"], "plain ~ text")
    equal(answer.text["x-run-id"], "abc")
    assert answer.binary["x-data-bin"] in (bytes(range(256)), b"")
    assert "grpc-timeout" not in answer.text and "content-type" not in answer.text and "te" not in answer.text
    assert answer.text["user-agent"].startswith("grpc-python"), answer.text["user-agent"]
    assert answer.peer.startswith("ipv4:127.0.0.1:"), answer.peer
    equal(answer.host, "127.0.0.1:%s" % port)
    assert 20000 < answer.deadline_in_ms <= 30000, answer.deadline_in_ms
    leading, trailing = dict(call.initial_metadata()), dict(call.trailing_metadata())
    equal((leading["leading"], leading["leading-bin"]), ("text", b"\x03\xc8"))
    equal((trailing["trailing"], trailing["trailing-bin"]), ("text", b"\x01\x02\xfe"))
    equal(stub.Metadata(pb.EchoRequest()).deadline_in_ms, -1)


def deadline(port):
    stub = stubs.TestInterfaceStub(channel(port))
    stub.Echo(pb.EchoRequest(), timeout=20)
    e = error_of(stub.Hang, pb.EchoRequest(), timeout=2)
    equal(e.code(), grpc.StatusCode.DEADLINE_EXCEEDED)


def cancel(port):
    stub = stubs.TestInterfaceStub(channel(port))
    call = stub.Hang.future(pb.EchoRequest())
    while stub.Echo(pb.EchoRequest(text="does it hang?"), timeout=20).text != "it hangs":
        time.sleep(0.01)
    call.cancel()
    assert call.cancelled()


def cancel_stream(port):
    stub = stubs.TestInterfaceStub(channel(port))
    call = stub.Count(pb.CountRequest(up_to=1000000, payload_bytes=10000))
    equal(next(call).number, 1)
    call.cancel()


def gzip(port):
    text = "the same words again and again " * 10000
    stub = stubs.TestInterfaceStub(channel(port, compression=grpc.Compression.Gzip))
    equal(stub.Echo(pb.EchoRequest(text=text), timeout=20).text, text)
    equal([len(r.payload) for r in stub.Count(pb.CountRequest(up_to=3, payload_bytes=50000), timeout=20)], [50000] * 3)
    equal(stub.Sum((pb.CountResponse(number=i, payload=b"0" * 5000) for i in range(10)), timeout=20).number, 45)
    deflate = stubs.TestInterfaceStub(channel(port, compression=grpc.Compression.Deflate))
    e = error_of(deflate.Echo, pb.EchoRequest(text=text), timeout=20)
    equal(e.code(), grpc.StatusCode.UNIMPLEMENTED)
    assert "deflate" in e.details() and "identity,gzip" in e.details(), e.details()


def limit(port, limit):
    limit = int(limit)
    stub = stubs.TestInterfaceStub(channel(port))
    # The message is the payload with its tag and length, and the answer has as many bytes as the request.
    room = limit - pb.EchoRequest(payload=b"x" * limit).ByteSize() + limit
    at = pb.EchoRequest(payload=b"x" * room)
    equal(at.ByteSize(), limit)
    equal(len(stub.Echo(at, timeout=60).payload), room)
    e = error_of(stub.Echo, pb.EchoRequest(payload=b"x" * (room + 1)), timeout=60)
    equal(e.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert "MaxMessageBytes" in e.details() and str(limit) in e.details(), e.details()
    e = error_of(stub.Echo, pb.EchoRequest(response_bytes=limit), timeout=60)
    equal(e.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
    bomb = stubs.TestInterfaceStub(channel(port, compression=grpc.Compression.Gzip))
    e = error_of(bomb.Echo, pb.EchoRequest(payload=b"\0" * (room + 1)), timeout=60)
    equal(e.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert "expands" in e.details(), e.details()
    equal(len(bomb.Echo(at, timeout=60).payload), room)


def health(port):
    import health_pb2 as hp
    import health_pb2_grpc as hs
    stub = hs.HealthStub(channel(port))
    equal(stub.Check(hp.HealthCheckRequest(), timeout=20).status, hp.HealthCheckResponse.SERVING)
    e = error_of(stub.Check, hp.HealthCheckRequest(service="nobody"), timeout=20)
    equal(e.code(), grpc.StatusCode.NOT_FOUND)
    equal(dict((k, v.status) for k, v in stub.List(hp.HealthListRequest(), timeout=20).statuses.items()), {"": 1})
    # The test sets the next status of "switch" once it is told that the last one was heard.
    tell = stubs.TestInterfaceStub(channel(port))
    watch = stub.Watch(hp.HealthCheckRequest(service="switch"), timeout=60)
    for status in watch:
        tell.Echo(pb.EchoRequest(text=hp.HealthCheckResponse.ServingStatus.Name(status.status)), timeout=20)
        if status.status == hp.HealthCheckResponse.NOT_SERVING:
            watch.cancel()
            return


def reflection(port):
    import reflection_pb2 as rp
    from google.protobuf import descriptor_pb2

    def ask(service, *requests):
        method = channel(port).stream_stream(
            "/%s.ServerReflection/ServerReflectionInfo" % service,
            request_serializer=rp.ServerReflectionRequest.SerializeToString,
            response_deserializer=rp.ServerReflectionResponse.FromString)
        return list(method(iter(requests), timeout=20))

    def files(answer):
        return [descriptor_pb2.FileDescriptorProto.FromString(f) for f in answer.file_descriptor_response.file_descriptor_proto]

    for service in ("grpc.reflection.v1", "grpc.reflection.v1alpha"):
        services, by_method, by_message, by_file, nobody, extension = ask(
            service,
            rp.ServerReflectionRequest(list_services=""),
            rp.ServerReflectionRequest(file_containing_symbol="rpctest.TestInterface.Echo"),
            rp.ServerReflectionRequest(file_containing_symbol="rpctest.MetadataResponse.TextEntry"),
            rp.ServerReflectionRequest(file_by_filename="Protos/health.proto"),
            rp.ServerReflectionRequest(file_containing_symbol="nobody.Knows"),
            rp.ServerReflectionRequest(all_extension_numbers_of_type="rpctest.EchoRequest"))
        names = [s.name for s in services.list_services_response.service]
        for name in ("rpctest.TestInterface", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"):
            assert name in names, names
        for answer in (by_method, by_message):
            equal(files(answer)[0].service[0].name, "TestInterface")
        equal(files(by_file)[0].package, "grpc.health.v1")
        equal(nobody.error_response.error_code, 5)
        equal(extension.error_response.error_code, 5)


def drop(port):
    stub = stubs.TestInterfaceStub(channel(port))
    e = error_of(stub.Throw, pb.EchoRequest(text="drop"), timeout=20)
    equal(e.code(), grpc.StatusCode.UNAVAILABLE)
    # The channel connects again by itself.
    equal(stub.Echo(pb.EchoRequest(text="again"), timeout=20, wait_for_ready=True).text, "again")


def unavailable(port):
    stub = stubs.TestInterfaceStub(channel(port))
    e = error_of(stub.Throw, pb.EchoRequest(text="503"), timeout=20)
    equal(e.code(), grpc.StatusCode.UNAVAILABLE)
    assert "503" in e.details(), e.details()


def stopping(port):
    """A call in flight while the server stops ends well; one after that does not begin."""
    stub = stubs.TestInterfaceStub(channel(port))
    call = stub.Hang.future(pb.EchoRequest(text="kept"), timeout=30)
    equal(call.result().text, "kept")
    e = error_of(stub.Echo, pb.EchoRequest(text="late"), timeout=5)
    equal(e.code(), grpc.StatusCode.UNAVAILABLE)


def tls(port, certificate):
    with open(certificate, "rb") as f:
        credentials = grpc.ssl_channel_credentials(f.read())
    stub = stubs.TestInterfaceStub(grpc.secure_channel("localhost:%s" % port, credentials))
    equal(stub.Echo(pb.EchoRequest(text="secret"), timeout=20).text, "secret")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
