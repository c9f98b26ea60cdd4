using System.Text;

namespace OpenCue.Cli.Tests;

/// <summary>A text that one side writes while the other looks at it.</summary>
internal sealed class SharedText : TextWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_text)
        {
            _text.Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (_text)
        {
            _text.Append(value);
        }
    }

    public override string ToString()
    {
        lock (_text)
        {
            return _text.ToString();
        }
    }

    /// <summary>Waits until the text holds a part.</summary>
    public async Task ContainsAsync(string part)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!ToString().Contains(part, StringComparison.Ordinal))
        {
            Assert.False(deadline.IsCancellationRequested, $"'{part}' did not come; there was: {ToString()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }
}
