using Google.Protobuf.Reflection;
using Grpc.Core;
using OpenCue.Rpc.Protos;

namespace OpenCue.Rpc.Server;

/// <summary>Tells tools which services are mapped and what their messages look like.</summary>
internal sealed class ReflectionService(RpcServer server) : ServerReflection.ServerReflectionBase
{
    private const string OlderName = "grpc.reflection.v1alpha.ServerReflection";

    /// <summary>The same method under the name that older tools ask for; its messages are the same on the wire.</summary>
    public IReadOnlyList<ServerMethod> OlderMethods(RpcServerOptions options)
    {
        var older = new Method<ServerReflectionRequest, ServerReflectionResponse>(
            MethodType.DuplexStreaming,
            OlderName,
            nameof(ServerReflectionInfo),
            Marshaller(ServerReflectionRequest.Parser),
            Marshaller(ServerReflectionResponse.Parser));
        return
        [
            new DuplexMethod<ServerReflectionRequest, ServerReflectionResponse>(
                older,
                ServerReflectionInfo,
                isImplemented: true,
                options.WhileStopping?.Invoke(older) ?? RpcWhileStopping.Unavailable),
        ];
    }

    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        // A tool that leaves its stream open must not hold the server's end up.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, server.Stopping);
        while (await requestStream.MoveNext(either.Token).ConfigureAwait(false))
        {
            await responseStream.WriteAsync(Answer(requestStream.Current), either.Token).ConfigureAwait(false);
        }
    }

    private static Marshaller<T> Marshaller<T>(Google.Protobuf.MessageParser<T> parser)
        where T : Google.Protobuf.IMessage<T> =>
        Marshallers.Create<T>(
            (message, context) => context.Complete(Google.Protobuf.MessageExtensions.ToByteArray(message)),
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse();
                response.ListServicesResponse.Service.AddRange(
                    server.Methods.Select(method => method.ServiceName).Distinct().Select(name => new ServiceResponse { Name = name }));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerFile(response, Files().FirstOrDefault(file => file.Name == request.FileByFilename), $"file \"{request.FileByFilename}\"");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                var symbol = request.FileContainingSymbol;
                AnswerFile(response, Files().FirstOrDefault(file => Declares(file, symbol)), $"symbol \"{symbol}\"");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                response.ErrorResponse = Error(StatusCode.NotFound, "The messages of this server have no extensions.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.None:
            default:
                response.ErrorResponse = Error(StatusCode.InvalidArgument, "The request asks for nothing that this server knows.");
                break;
        }

        return response;
    }

    private static void AnswerFile(ServerReflectionResponse response, FileDescriptor? file, string wanted)
    {
        if (file is null)
        {
            response.ErrorResponse = Error(StatusCode.NotFound, $"This server has no {wanted}.");
            return;
        }

        response.FileDescriptorResponse = new FileDescriptorResponse();
        response.FileDescriptorResponse.FileDescriptorProto.AddRange(WithImports([file]).Select(each => each.SerializedData));
    }

    private static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };

    private static bool Declares(FileDescriptor file, string symbol) =>
        file.Services.Any(service => service.FullName == symbol || service.Methods.Any(method => method.FullName == symbol))
        || file.EnumTypes.Any(type => Declares(type, symbol))
        || file.MessageTypes.Any(type => Declares(type, symbol));

    private static bool Declares(MessageDescriptor message, string symbol) =>
        message.FullName == symbol
        || (symbol.StartsWith(message.FullName + ".", StringComparison.Ordinal)
            && (message.Fields.InDeclarationOrder().Any(field => field.FullName == symbol)
                || message.EnumTypes.Any(type => Declares(type, symbol))
                || message.NestedTypes.Any(type => Declares(type, symbol))));

    private static bool Declares(EnumDescriptor type, string symbol) =>
        type.FullName == symbol || type.Values.Any(value => value.FullName == symbol);

    private static List<FileDescriptor> WithImports(IEnumerable<FileDescriptor> files)
    {
        var found = new List<FileDescriptor>();
        var waiting = new Queue<FileDescriptor>(files);
        while (waiting.TryDequeue(out var file))
        {
            if (found.Contains(file))
            {
                continue;
            }

            found.Add(file);
            foreach (var import in file.Dependencies)
            {
                waiting.Enqueue(import);
            }
        }

        return found;
    }

    private List<FileDescriptor> Files() => WithImports(server.Descriptors.Select(service => service.File));
}
