using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OpenCue.Cli.Connecting;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Commands;

/// <summary>One run of a command: what was asked for, and what it has to answer with.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly ParseResult _parsed;
    private CueServer? _server;

    private CommandRun(ParseResult parsed, CueEnvironment environment, CancellationToken cancel)
    {
        _parsed = parsed;
        Environment = environment;
        Cancel = cancel;
    }

    public CueEnvironment Environment { get; }

    public Terminal Terminal => Environment.Terminal;

    public TimeProvider Time => Environment.Time;

    /// <summary>Fires on Ctrl+C.</summary>
    public CancellationToken Cancel { get; }

    /// <summary>Whether the answer is for a script.</summary>
    public bool IsJson => Get(GlobalOptions.Json);

    /// <summary>The server, looked up with the first use.</summary>
    public CueServer Server => _server ??= new CueServer(Settings(), Environment.User);

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => _parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T? Get<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>Whether the option was given, with whatever value.</summary>
    public bool IsGiven(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>The name of the option if it was given.</summary>
    public string? NameIfGiven(Option option) => IsGiven(option) ? option.Name : null;

    /// <summary>What stands behind <c>--</c>; null if there is no <c>--</c>.</summary>
    public IReadOnlyList<string>? AfterDashes()
    {
        var tokens = _parsed.Tokens;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Type == TokenType.DoubleDash)
            {
                return [.. tokens.Skip(i + 1).Select(token => token.Value)];
            }
        }

        return null;
    }

    /// <summary>Options for a call that may take longer than others, unless the user said how long.</summary>
    public CallOptions Patient(TimeSpan timeout) =>
        new(deadline: (Time.GetUtcNow() + (Server.Settings.Timeout ?? timeout)).UtcDateTime, cancellationToken: Cancel);

    /// <summary>Asks a person before something is destroyed.</summary>
    /// <param name="what">What would be done, as in <c>Kill the job x</c>.</param>
    /// <param name="yes">Whether the person has said yes already.</param>
    /// <exception cref="CueException">The answer is no, or there is nobody to ask.</exception>
    public async Task ConfirmAsync(string what, bool yes)
    {
        if (yes)
        {
            return;
        }

        if (!Terminal.CanAsk)
        {
            throw new CueException(ExitCode.Declined, $"{what}? Nobody is there to ask; say --yes if you mean it");
        }

        Terminal.Flush();
        await Terminal.Error.WriteAsync($"{Plain.OneLine(what)}? [y/N] ");
        await Terminal.Error.FlushAsync(Cancel);
        var answer = await Task.Run(Terminal.In.ReadLine, CancellationToken.None).WaitAsync(Cancel);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new CueException(ExitCode.Declined, "nothing was done");
        }
    }

    /// <summary>Runs a command and says in one line what went wrong.</summary>
    public static async Task<int> OfAsync(ParseResult parsed, Func<CommandRun, Task<ExitCode>> action, CancellationToken cancel)
    {
        var environment = ((CueInvocation)parsed.InvocationConfiguration).Environment;
        using var run = new CommandRun(parsed, environment, cancel);
        environment.Terminal.HasColor &= !run.Get(GlobalOptions.NoColor);
        try
        {
            return (int)await action(run);
        }
        catch (CueException e)
        {
            return run.Fail(e);
        }
        catch (Exception e) when (IsInterrupted(e, cancel))
        {
            return (int)ExitCode.Interrupted;
        }
        catch (RpcException e)
        {
            return run.Fail(CallFailure.ToCueException(e, run.Server.Settings));
        }
    }

    /// <summary>Whether this is what Ctrl+C made of a call or a wait.</summary>
    public static bool IsInterrupted(Exception e, CancellationToken cancel) =>
        cancel.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };

    public void Dispose() => _server?.Dispose();

    private CueSettings Settings() => CueSettings.Read(Get(GlobalOptions.Server), Get(GlobalOptions.Timeout), Environment.Variable);

    private int Fail(CueException failure)
    {
        Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"cue: {failure.Message}"));
        return (int)failure.Code;
    }
}
