using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OpenCue.Cuebot.Hosting.Logging;

/// <summary>
/// One line an entry, so that lines can be searched, counted and cut. Under systemd a line begins with its priority (<c>&lt;4&gt;</c>) and the journal
/// knows the time; elsewhere with time and level.
/// </summary>
internal sealed class PlainConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name under which it is registered.</summary>
    public const string FormatterName = "plain";

    private readonly bool _toJournal = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("JOURNAL_STREAM"));

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (_toJournal)
        {
            textWriter.Write($"<{Priority(logEntry.LogLevel)}>");
        }
        else
        {
            textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
            textWriter.Write(Word(logEntry.LogLevel));
        }

        textWriter.Write(logEntry.Category.AsSpan(logEntry.Category.LastIndexOf('.') + 1));
        textWriter.Write(": ");
        WriteLine(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(" | ");
            WriteLine(textWriter, exception.ToString());
        }

        textWriter.Write('\n');
    }

    private static void WriteLine(TextWriter writer, string text)
    {
        var parts = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        writer.Write(string.Join(" | ", parts));
    }

    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical => "fatal ",
        LogLevel.Error => "error ",
        LogLevel.Warning => "warn  ",
        LogLevel.Information => "info  ",
        _ => "debug ",
    };
}
