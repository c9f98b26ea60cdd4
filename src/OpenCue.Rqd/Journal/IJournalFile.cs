using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Journal;

/// <summary>Where a journal's bytes go; tests make it fail.</summary>
internal interface IJournalFile
{
    /// <summary>All that is in it; empty if there is no file yet.</summary>
    byte[] ReadAll();

    /// <summary>Puts the bytes behind what is there, durably before it returns.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Puts the bytes in place of what is there, durably and in one step.</summary>
    void Replace(ReadOnlySpan<byte> bytes);

    /// <summary>Keeps what is there aside, for a person to look at.</summary>
    void KeepDamaged();
}

/// <summary>A journal in a directory of the local disk.</summary>
internal sealed class JournalFile(string directory) : IJournalFile, IDisposable
{
    private readonly string _path = Path.Combine(directory, "journal");
    private FileStream? _stream;

    public byte[] ReadAll() => File.Exists(_path) ? File.ReadAllBytes(_path) : [];

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _stream ??= new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _stream.Write(bytes);
        _stream.Flush(flushToDisk: true);
    }

    public void Replace(ReadOnlySpan<byte> bytes)
    {
        var next = _path + ".new";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }
        _stream?.Dispose();
        _stream = null;
        File.Move(next, _path, overwrite: true);
        Libc.SyncDirectory(directory);
    }

    public void KeepDamaged() => File.Copy(_path, _path + ".damaged", overwrite: true);

    public void Dispose() => _stream?.Dispose();
}
