using Microsoft.Extensions.Logging;
using OpenCue.Engine;

namespace OpenCue.Simulator.Running;

/// <summary>Keeps the first error that the engine logs: it goes on after many of them, a simulation must not.</summary>
internal sealed class DefectLog : ILogger<FarmEngine>
{
    /// <summary>The first error.</summary>
    public InvalidOperationException? Defect { get; private set; }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Defect ??= new InvalidOperationException(formatter(state, exception), exception);
        }
    }
}
