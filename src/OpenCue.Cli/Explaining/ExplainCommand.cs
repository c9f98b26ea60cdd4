using System.CommandLine;
using Google.Protobuf;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Frames;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;
using OpenCue.Specs.Commands;

namespace OpenCue.Cli.Explaining;

/// <summary><c>cue explain</c>.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string[]> Words = new("JOB [LAYER [FRAME]]")
    {
        Description = "A job; a layer of it; a frame of that by its number, or by its name (0005-render) in place of the layer.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Host = new("--host") { Description = "Explain a host: why it is idle, or not busier.", HelpName = "NAME" };
    private static readonly Option<string?> Show = new("--show") { Description = "Explain a show: what holds all its work.", HelpName = "NAME" };

    public static Command Make()
    {
        var command = new CueCommand("explain", "Say why a job, layer or frame waits, or why a host is idle, and what can be done.")
        {
            Examples =
            [
                "cue explain beauty",
                "cue explain beauty render",
                "cue explain beauty render 5",
                "cue explain beauty 0005-render --json",
                "cue explain --host rnd01",
                "cue explain --show testing",
            ],
            Arguments = { Words },
        }.Do(RunAsync);
        command.Add(Host);
        command.Add(Show);
        return command;
    }

    private static async Task RunAsync(CommandRun run)
    {
        var (words, host, show) = (run.Get(Words)!, run.Get(Host), run.Get(Show));
        if ((words.Length > 0 ? 1 : 0) + (host is null ? 0 : 1) + (show is null ? 0 : 1) != 1)
        {
            throw CueException.Usage("explain what? A job (with a layer, with a frame), or --host NAME, or --show NAME; one of them");
        }

        try
        {
            var answer = host is not null ? await OfHostAsync(run, host)
                : show is not null ? await OfShowAsync(run, show)
                : await OfWorkAsync(run, words);
            if (run.IsJson)
            {
                Json.Write(run.Terminal, answer);
            }
            else
            {
                ExplainTexts.Write(run, answer);
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            throw new CueException(ExitCode.Failed, "this server can't explain; OpenCue's own cuebot does not", e);
        }
    }

    private static async Task<IMessage> OfHostAsync(CommandRun run, string host) =>
        await run.Server.Explain.ExplainHostAsync(new ExplainHostRequest { Host = host }, cancellationToken: run.Cancel);

    private static async Task<IMessage> OfShowAsync(CommandRun run, string show) =>
        await run.Server.Explain.ExplainShowAsync(new ExplainShowRequest { Show = show }, cancellationToken: run.Cancel);

    private static async Task<IMessage> OfWorkAsync(CommandRun run, string[] words)
    {
        var job = await new JobFinder(run.Server, run.Cancel).FindAsync(words[0]);
        switch (words)
        {
            case [_]:
                return await run.Server.Explain.ExplainJobAsync(new ExplainJobRequest { Job = job.Id }, cancellationToken: run.Cancel);
            case [_, var name] when !FrameNames.TryParse(name, out _, out _):
                var layer = await LayerAsync(run, job, name);
                return await run.Server.Explain.ExplainLayerAsync(new ExplainLayerRequest { LayerId = layer.Id }, cancellationToken: run.Cancel);
            case [_, _] or [_, _, _]:
                var frame = await FrameFinder.FindAsync(run, job, words[1..]);
                return await run.Server.Explain.ExplainFrameAsync(new ExplainFrameRequest { FrameId = frame.Id }, cancellationToken: run.Cancel);
            default:
                throw CueException.Usage($"'{string.Join(' ', words)}' is too much: name a job, a layer and a frame");
        }
    }

    private static async Task<Wire.Layer> LayerAsync(CommandRun run, Wire.Job job, string name)
    {
        var layers = await run.Server.LayersAsync(job, run.Cancel);
        var wanted = name.ToLowerInvariant().Replace('-', '_');
        return layers.FirstOrDefault(layer => layer.Name == name || layer.Name == wanted)
            ?? throw CueException.NotFound($"{job.Name} has no layer '{name}'; it has {string.Join(", ", layers.Select(layer => layer.Name))}");
    }
}
