using OpenCue.Rqd.Journal;

namespace OpenCue.Rqd.Tests.Journal;

/// <summary>A journal in memory that can be full, as a disk can: then part of what was to be written is there.</summary>
internal sealed class FailingJournalFile : IJournalFile
{
    private byte[] _bytes = [];

    public bool IsFull { get; set; }

    public byte[] ReadAll() => _bytes;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _bytes = [.. _bytes, .. IsFull ? bytes[..(bytes.Length / 2)] : bytes];
        ThrowIfFull();
    }

    public void Replace(ReadOnlySpan<byte> bytes)
    {
        ThrowIfFull();
        _bytes = bytes.ToArray();
    }

    public void KeepDamaged() => throw new InvalidOperationException("No test damages this journal.");

    private void ThrowIfFull()
    {
        if (IsFull)
        {
            throw new IOException("No space left on device");
        }
    }
}
