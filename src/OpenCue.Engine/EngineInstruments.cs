using System.Diagnostics.Metrics;

namespace OpenCue.Engine;

/// <summary>What the engine measures.</summary>
public sealed class EngineInstruments
{
    private readonly Meter _meter;

    /// <summary>Instruments of <paramref name="meter"/>.</summary>
    public EngineInstruments(Meter meter)
    {
        _meter = meter;
        TurnDuration = meter.CreateHistogram<double>("opencue.engine.turn.duration", "ms", "How long the writer held the model for commands.");
        WriterPause = meter.CreateHistogram<double>(
            "opencue.engine.writer.pause", "ms", "How long the writer kept readers from the model in one go, collections of garbage and its wait for readers included.");
        StepDuration = meter.CreateHistogram<double>("opencue.engine.step.duration", "ms", "How long a slice of a step took.");
        BatchRows = meter.CreateHistogram<int>("opencue.engine.batch.rows", "{row}", "Rows changed in a batch.");
        BatchCommands = meter.CreateHistogram<int>("opencue.engine.batch.commands", "{command}", "Commands in a batch.");
        CommitDuration = meter.CreateHistogram<double>("opencue.engine.commit.duration", "ms", "How long a commit took until it was durable.");
        CommitRetries = meter.CreateCounter<long>("opencue.engine.commit.retries", "{commit}", "Commits sent again: their outcome was unknown.");
        CommandDuration = meter.CreateHistogram<double>(
            "opencue.engine.command.duration", "ms", "From a command's arrival until it was durable.");
        CommandsRefused = meter.CreateCounter<long>("opencue.engine.command.refused", "{command}", "Commands that a rule or a full queue refused.");
        CommandsFailed = meter.CreateCounter<long>("opencue.engine.command.failed", "{command}", "Commands that failed by a defect.");
        CommandsOverHeld = meter.CreateCounter<long>("opencue.engine.command.overheld", "{command}", "Commands that held the model for too long.");
        ReportsCoalesced = meter.CreateCounter<long>("opencue.engine.reports.coalesced", "{report}", "Waiting reports that a later one replaced.");
        ReportsDropped = meter.CreateCounter<long>("opencue.engine.reports.dropped", "{report}", "State reports dropped because too many waited.");
        QueryHold = meter.CreateHistogram<double>("opencue.engine.query.hold", "ms", "How long a query held the model.");
        QueriesOverHeld = meter.CreateCounter<long>("opencue.engine.query.overheld", "{query}", "Queries that held the model for too long.");
        FrameFetches = meter.CreateCounter<long>(
            "opencue.engine.frames.fetches", "{job}", "Finished jobs whose frames were fetched from the store because somebody asked for them.");
        SinkDropped = meter.CreateCounter<long>("opencue.engine.sink.dropped", "{item}", "Effects or events dropped because their sink did not keep up.");
    }

    internal Histogram<double> TurnDuration { get; }

    internal Histogram<double> WriterPause { get; }

    internal Histogram<double> StepDuration { get; }

    internal Histogram<int> BatchRows { get; }

    internal Histogram<int> BatchCommands { get; }

    internal Histogram<double> CommitDuration { get; }

    internal Counter<long> CommitRetries { get; }

    internal Histogram<double> CommandDuration { get; }

    internal Counter<long> CommandsRefused { get; }

    internal Counter<long> CommandsFailed { get; }

    internal Counter<long> CommandsOverHeld { get; }

    internal Counter<long> ReportsCoalesced { get; }

    internal Counter<long> ReportsDropped { get; }

    internal Histogram<double> QueryHold { get; }

    internal Counter<long> QueriesOverHeld { get; }

    internal Counter<long> FrameFetches { get; }

    internal Counter<long> SinkDropped { get; }

    /// <summary>Shows the depths of an engine's queues.</summary>
    internal void ObserveQueues(Func<CommandClass, int> commands, Func<int> queries)
    {
        _meter.CreateObservableGauge(
            "opencue.engine.queue.depth",
            () => Enum.GetValues<CommandClass>().Select(c => new Measurement<int>(commands(c), new KeyValuePair<string, object?>("class", c.ToString()))),
            "{command}",
            "Commands that wait.");
        _meter.CreateObservableGauge("opencue.engine.query.waiting", queries, "{query}", "Queries that wait for their turn at the model.");
    }
}
