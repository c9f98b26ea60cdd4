namespace OpenCue.Cli.Submitting;

/// <summary>Makes the shell text of a frame's command of the words on the command line.</summary>
internal static class ShellWords
{
    private const string NeedsNoQuotes = "@%+=:,./-_#";

    /// <summary>
    /// The shell text. One word is shell text already, with its pipes and variables; several are a program and its arguments, and each
    /// stays one word.
    /// </summary>
    public static string Join(IReadOnlyList<string> words) => words.Count == 1 ? words[0] : string.Join(' ', words.Select(Quote));

    private static bool IsPlain(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || NeedsNoQuotes.Contains(letter, StringComparison.Ordinal);

    private static string Quote(string word) =>
        word.Length > 0 && word[0] != '#' && word.All(IsPlain)
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
