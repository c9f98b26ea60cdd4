using System.Text;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Frames;

/// <summary>Prints a log from where it was left, as far as it goes.</summary>
internal sealed class LogPrinter(IFrameLog log, Terminal terminal)
{
    private const long FirstLook = 1 << 16;

    // Keeps the first bytes of a character whose last bytes come with the next piece.
    private Decoder _decoder = Encoding.UTF8.GetDecoder();
    private long _position;

    /// <summary>Goes back to the beginning: there is a new log under the old name.</summary>
    public void Restart()
    {
        _position = 0;
        _decoder = Encoding.UTF8.GetDecoder();
    }

    /// <summary>Goes to where the last lines begin.</summary>
    public async Task SkipToLastAsync(int lines, CancellationToken cancel)
    {
        for (var back = FirstLook; ; back *= 2)
        {
            if (await log.ReadAsync(-back, cancel) is not { } first)
            {
                return;
            }

            var begins = new List<long>();
            if (first.Start == 0)
            {
                begins.Add(0);
            }

            for (var piece = first; piece.Bytes.Length > 0;)
            {
                AddLineBegins(piece, begins);
                if (await log.ReadAsync(piece.End, cancel) is not { } next)
                {
                    break;
                }

                piece = next;
            }

            if (begins.Count >= lines || first.Start == 0)
            {
                _position = lines == 0 ? first.Size : begins.Count == 0 ? 0 : begins[Math.Max(0, begins.Count - lines)];
                return;
            }
        }
    }

    /// <summary>Prints what there is beyond what was printed; false if there is no log.</summary>
    public async Task<bool> PrintAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (await log.ReadAsync(_position, cancel) is not { } piece)
            {
                return false;
            }

            if (piece.Size < _position)
            {
                // It was cut, or replaced by a shorter one.
                Restart();
                continue;
            }

            if (piece.Bytes.Length == 0)
            {
                terminal.Flush();
                return true;
            }

            var chars = new char[_decoder.GetCharCount(piece.Bytes.Span, flush: false)];
            var count = _decoder.GetChars(piece.Bytes.Span, chars, flush: false);
            await terminal.Out.WriteAsync(chars.AsMemory(0, count), cancel);
            _position = piece.End;
        }
    }

    // A line break at the very end begins no line.
    private static void AddLineBegins(LogPiece piece, List<long> begins)
    {
        var bytes = piece.Bytes.Span;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n' && piece.Start + i + 1 < piece.Size)
            {
                begins.Add(piece.Start + i + 1);
            }
        }
    }
}
