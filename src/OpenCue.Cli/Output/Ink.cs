using System.Diagnostics;

namespace OpenCue.Cli.Output;

/// <summary>How a text stands out. Colour is never the only sign of anything.</summary>
internal enum Ink
{
    Plain,
    Bold,
    Dim,
    Good,
    Busy,
    Bad,
    Odd,
}

/// <summary>The escape codes of inks, from the eight colours that every terminal has in a readable shade.</summary>
internal static class Inks
{
    public static string Code(Ink ink) => ink switch
    {
        Ink.Bold => "1",
        Ink.Dim => "2",
        Ink.Good => "32",
        Ink.Busy => "33",
        Ink.Bad => "31",
        Ink.Odd => "35",
        _ => throw new UnreachableException(),
    };
}
