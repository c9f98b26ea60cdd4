namespace OpenCue.Rqd.Hosting;

/// <summary>One thing a site can choose: on the command line, in the environment, or in a file.</summary>
/// <param name="Name">As <c>--name</c>, as <c>OPENCUE_RQD_NAME</c>, and as <c>name = value</c>.</param>
/// <param name="Value">What a value looks like, for the help; null for a switch, which is on when it is there.</param>
/// <param name="Help">What it does, and the default.</param>
/// <param name="Apply">Puts a value in; throws <see cref="FormatException"/> with a message that says what is allowed.</param>
/// <param name="OpenCueKey">What OpenCue's <c>rqd.conf</c> calls it; null if it has no such key.</param>
internal sealed record Setting(string Name, string? Value, string Help, Func<RqdOptions, string, RqdOptions> Apply, string? OpenCueKey = null)
{
    public string Variable => $"OPENCUE_RQD_{Name.Replace('-', '_').ToUpperInvariant()}";

    public bool IsSwitch => Value is null;
}
