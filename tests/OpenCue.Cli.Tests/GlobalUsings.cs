global using Grpc.Core;
global using Wire = OpenCue.Protocol;
