using Microsoft.Extensions.Logging;
using OpenCue.Farm;

namespace OpenCue.Engine;

internal sealed partial class FarmWriter
{
    private readonly ILogger _logger;

    [LoggerMessage(EventId = 1110, Level = LogLevel.Information,
        Message = "Took over {Store} at batch {Sequence}: {Jobs} jobs, {Hosts} hosts, {Runs} open runs")]
    private partial void LogLoaded(string store, long sequence, int jobs, int hosts, int runs);

    [LoggerMessage(EventId = 1111, Level = LogLevel.Error, Message = "Nothing is acknowledged: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(EventId = 1112, Level = LogLevel.Information, Message = "{Store} is back; going on")]
    private partial void LogAvailable(string store);

    [LoggerMessage(EventId = 1113, Level = LogLevel.Error, Message = "Another server has taken over {Store}; this one stands by: {Reason}")]
    private partial void LogDeposed(string store, string reason);

    [LoggerMessage(EventId = 1114, Level = LogLevel.Error, Message = "{Store} failed in an unexpected way at batch {Sequence}; it is sent again")]
    private partial void LogStoreDefect(Exception failure, string store, long sequence);

    [LoggerMessage(EventId = 1115, Level = LogLevel.Error,
        Message = "The store refuses batch {Sequence} of {Commands} commands (table {Table}, row {Row}); they are tried in smaller batches")]
    private partial void LogRefusedByStore(Exception refusal, long sequence, int commands, string? table, string? row);

    [LoggerMessage(EventId = 1116, Level = LogLevel.Error, Message = "The store refuses what {Command} of {Actor} made: table {Table}, row {Row}")]
    private partial void LogCulprit(Exception refusal, string command, Actor actor, string? table, string? row);

    [LoggerMessage(EventId = 1117, Level = LogLevel.Error, Message = "The store refuses what the step {Step} made: table {Table}, row {Row}; it rests")]
    private partial void LogStepCulprit(Exception refusal, string step, string? table, string? row);

    [LoggerMessage(EventId = 1118, Level = LogLevel.Critical, Message = "The model in memory is damaged; it is dropped and loaded again")]
    private partial void LogDamaged(Exception damage);

    [LoggerMessage(EventId = 1119, Level = LogLevel.Critical, Message = "A defect ended the engine")]
    private partial void LogFaulted(Exception defect);

    [LoggerMessage(EventId = 1120, Level = LogLevel.Information, Message = "The engine is {State}: {Reason}")]
    private partial void LogEnded(EngineState state, string reason);
}
