namespace OpenCue.Cli.Frames;

/// <summary>A piece of a log.</summary>
/// <param name="Bytes">What it holds; empty at its end.</param>
/// <param name="Start">Where in the log the piece begins.</param>
/// <param name="Size">How long the log is now.</param>
internal readonly record struct LogPiece(ReadOnlyMemory<byte> Bytes, long Start, long Size)
{
    /// <summary>Where the next piece begins.</summary>
    public long End => Start + Bytes.Length;
}

/// <summary>The log of a frame, wherever it is read from.</summary>
internal interface IFrameLog
{
    /// <summary>Reads a piece of the log; null if there is no log yet.</summary>
    /// <param name="start">Where to begin; negative counts from the end. Beyond the end it is the end.</param>
    /// <param name="cancel">Stops waiting.</param>
    Task<LogPiece?> ReadAsync(long start, CancellationToken cancel);
}
