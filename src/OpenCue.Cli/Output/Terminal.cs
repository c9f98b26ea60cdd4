using System.Runtime.InteropServices;
using System.Text;
using Spectre.Console;

namespace OpenCue.Cli.Output;

/// <summary>
/// Where a command reads and writes: standard output for what was asked for, standard error for all else. To a person's terminal it
/// writes in colour and within its width; into pipes and files plain and in full.
/// </summary>
internal sealed class Terminal : IDisposable
{
    // Wide enough for any line: into a pipe nothing is wrapped or shortened.
    private const int Unbounded = 1_000_000;

    private readonly Func<int> _width;
    private IAnsiConsole? _console;

    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="width">The width of the terminal, in columns; null if standard output is none.</param>
    public Terminal(TextWriter output, TextWriter error, TextReader input, Func<int>? width)
    {
        Out = output;
        Error = error;
        In = input;
        IsTerminal = width is not null;
        HasColor = IsTerminal;
        _width = width ?? (() => Unbounded);
    }

    /// <summary>Standard output; buffered, see <see cref="Flush"/>.</summary>
    public TextWriter Out { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Standard input.</summary>
    public TextReader In { get; }

    /// <summary>Whether a person sees standard output.</summary>
    public bool IsTerminal { get; }

    /// <summary>Whether a person can answer a question.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Whether to write colours.</summary>
    public bool HasColor { get; set; }

    /// <summary>Whether what is written can hold characters beyond ASCII.</summary>
    public bool HasUnicode { get; init; } = true;

    /// <summary>The columns of a line.</summary>
    public int Width => Math.Max(20, _width());

    /// <summary>For what moves the cursor; only if <see cref="IsTerminal"/>.</summary>
    public IAnsiConsole Console => _console ??= MakeConsole();

    /// <summary>The terminal that the program was started from.</summary>
    /// <param name="variable">Finds an environment variable.</param>
    public static Terminal OfProcess(Func<string, string?> variable)
    {
        var isUtf8 = System.Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage;
        var encoding = isUtf8 ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) : System.Console.OutputEncoding;
        var isTerminal = !System.Console.IsOutputRedirected && variable("TERM") != "dumb";
        var output = new StreamWriter(System.Console.OpenStandardOutput(), encoding, bufferSize: 1 << 16) { AutoFlush = false };
        return new Terminal(output, System.Console.Error, System.Console.In, isTerminal ? WidthOfProcess : null)
        {
            CanAsk = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected,
            HasUnicode = isUtf8,
            HasColor = isTerminal && string.IsNullOrEmpty(variable("NO_COLOR")),
        };
    }

    /// <summary>Writes a line.</summary>
    public void Line(string text = "") => Out.Write(text + "\n");

    /// <summary>A message beside the answer.</summary>
    public void Note(string text)
    {
        Flush();
        Error.Write(Plain.OneLine(text) + "\n");
        Error.Flush();
    }

    /// <summary>A message of something odd that does not stop the command.</summary>
    public void Warn(string text) => Note($"cue: warning: {text}");

    /// <summary>Sends what was written on its way.</summary>
    public void Flush() => Out.Flush();

    /// <summary>The text in a colour or weight, where those are written.</summary>
    public string Styled(string text, Ink ink) =>
        HasColor && ink != Ink.Plain && text.Length > 0 ? $"\e[{Inks.Code(ink)}m{text}\e[0m" : text;

    /// <inheritdoc/>
    public void Dispose() => Flush();

    // A terminal that doesn't tell its size (a serial line, a broken emulator) is taken for a small one.
    private static int WidthOfProcess()
    {
        try
        {
            return System.Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (Exception e) when (e is IOException or ExternalException)
        {
            return 80;
        }
    }

    private IAnsiConsole MakeConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(Out),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = HasUnicode;
        return console;
    }
}
